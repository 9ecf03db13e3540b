import { codeOf, OciError } from './errors.js';

/** An URL for people: no credentials, and no query, in which storage services keep signatures. */
export function printableUrl(url: URL): string {
  return `${url.protocol}//${url.host}${url.pathname}`;
}

/** Whether the request may have been acted on before the connection failed; false where it cannot have left. */
export class ConnectionFault extends OciError {
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
      hint: 'check the network and that the registry is up, then run again: what has arrived is kept',
    });
    this.mayHaveArrived = mayHaveArrived;
  }
}

const words: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'there is no host of that name',
  EAI_AGAIN: 'the name cannot be looked up now',
  ECONNRESET: 'the connection was cut',
  EPIPE: 'the connection was cut',
  HPE_INVALID_CONSTANT: 'the answer is not HTTP',
  HPE_HEADER_OVERFLOW: 'the headers of the answer are too large',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is signed by nobody that is trusted',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is signed by nobody that is trusted',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate is signed by nobody that is trusted',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its certificate is signed by nobody that is trusted',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another host',
  EPROTO: 'it does not speak TLS (a registry without TLS needs --plain-http)',
};

/** What a failed connection means to the user. OciErrors pass through. */
export function connectionFault(error: unknown, url: URL, mayHaveArrived: boolean): OciError {
  if (error instanceof OciError) return error;
  const code = codeOf(error) ?? '';
  const why =
    words[code] ??
    (code.startsWith('HPE_')
      ? 'the answer is not HTTP'
      : error instanceof Error
        ? error.message
        : String(error));
  return new ConnectionFault(
    'BUNNY_ENETWORK',
    `cannot talk to ${url.host}: ${why}`,
    url,
    error,
    mayHaveArrived,
  );
}
