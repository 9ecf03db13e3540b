import { codeOf, OciError, type OciRemedy } from '../content/errors.js';

/** An URL for people: no credentials, and no query, in which storage services keep signatures. */
export function printableUrl(url: URL): string {
  return `${url.protocol}//${url.host}${url.pathname}`;
}

/** A connection that failed in a way that another try may heal. */
export class ConnectionFault extends OciError {
  /** Whether the request may have been acted on before; false where it cannot have left. */
  readonly mayHaveArrived: boolean;

  constructor(
    code: 'BUNNY_ENETWORK' | 'BUNNY_ETIMEOUT',
    summary: string,
    url: URL,
    cause: unknown,
    mayHaveArrived: boolean,
  ) {
    super(code, summary, {
      where: printableUrl(url),
      cause,
      hint: 'check the network and that the server is up, then run again: what has arrived is kept',
    });
    this.mayHaveArrived = mayHaveArrived;
  }
}

const passing: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  EAI_AGAIN: 'the name cannot be resolved now',
  ECONNRESET: 'the connection was cut',
  EPIPE: 'the connection was cut',
};

interface Lasting {
  why: string;
  hint: string;
  remedy?: OciRemedy | undefined;
}

/** What will be the same at the next try. */
const lasting: Readonly<Record<string, Lasting>> = {
  ENOTFOUND: {
    why: 'there is no host of that name',
    hint: 'check the name, and HTTPS_PROXY if the way leads through one',
  },
  EPROTO: {
    why: 'it does not speak TLS',
    hint: 'use plain HTTP, if it is a server without TLS',
    remedy: 'plain-http',
  },
  CERT_HAS_EXPIRED: certificate('has expired'),
  ERR_TLS_CERT_ALTNAME_INVALID: certificate('is for another host'),
  DEPTH_ZERO_SELF_SIGNED_CERT: certificate('is signed by nobody that is trusted'),
  SELF_SIGNED_CERT_IN_CHAIN: certificate('is signed by nobody that is trusted'),
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: certificate('is signed by nobody that is trusted'),
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: certificate('is signed by nobody that is trusted'),
};

function certificate(fault: string): Lasting {
  return {
    why: `its certificate ${fault}`,
    hint: 'trust the authority that signed it, or accept any certificate of this host',
    remedy: 'trust',
  };
}

/**
 * What a failed connection, to `proxy` where there is one, means to the user. OciErrors pass through; what another
 * try cannot heal is no ConnectionFault.
 */
export function connectionFault(error: unknown, url: URL, mayHaveArrived: boolean, proxy?: string): OciError {
  if (error instanceof OciError) return error;
  const code = codeOf(error) ?? '';
  const talk = `cannot talk to ${url.host}${proxy === undefined ? '' : ` by way of the proxy ${proxy}`}`;
  const last = Object.hasOwn(lasting, code) ? lasting[code] : undefined;
  if (last !== undefined) {
    const where = printableUrl(url);
    return new OciError('BUNNY_ENETWORK', `${talk}: ${last.why}`, {
      where,
      hint: last.hint,
      remedy: last.remedy,
      cause: error,
    });
  }
  const why = Object.hasOwn(passing, code) ? passing[code] : unnamed(error, code);
  return new ConnectionFault('BUNNY_ENETWORK', `${talk}: ${why}`, url, error, mayHaveArrived);
}

function unnamed(error: unknown, code: string): string {
  if (code.startsWith('HPE_')) return 'the answer is not HTTP';
  return error instanceof Error ? error.message : String(error);
}
