import { createHash, createPublicKey, generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  fulcioHandler,
  initializeCA,
  initializeCTLog,
  initializeTLog,
  initializeTSA,
  rekorHandler,
} from '@sigstore/mock';
import nock from 'nock';
import { ownAddress } from '../registries/loopback.js';

// The mocks load it, and from then on it stands in for Node's HTTP in the whole process, also for other tests.
nock.restore();

/** What a service was asked. */
export interface ServiceCall {
  path: string;
  body: Buffer;
}

type Answer = {
  statusCode: number;
  response: string | Uint8Array;
  contentType?: string | undefined;
  headers?: Record<string, string>;
};
/** One of the mocks; Fulcio's is told whom a token is for. */
type Mock = (body: Buffer, claims?: Record<string, unknown>) => Promise<Answer>;
type Service = (body: Buffer, answer: (body: Buffer) => Promise<Answer>) => Promise<Answer>;

/**
 * Fulcio, Rekor, a timestamp authority and an OIDC issuer on loopback: the mocks of sigstore-js, with what real ones do and
 * those leave out. Tokens have to be of this issuer, and keys have to be proven.
 */
export class SigstoreServices {
  readonly url: string;
  /** The issuer, as tokens and certificates name it. */
  readonly issuer: string;
  /** `trusted_root.json` of these services. */
  readonly trustedRoot: Record<string, unknown>;
  readonly calls: ServiceCall[] = [];
  /** By how much their clocks are behind. Milliseconds. */
  ago = 0;
  /** Stand between a service and whoever asks it, by its path. */
  readonly between = new Map<string, Service>();
  /** What somebody who signs in with a browser is taken for; undefined while nobody does. */
  signedIn: Record<string, unknown> | undefined;
  readonly #server: http.Server;
  readonly #tokenKey: KeyObject;
  readonly #entries = new Map<string, string>();

  static async start(): Promise<SigstoreServices> {
    const server = http.createServer();
    await new Promise<void>((resolve) => server.listen(0, ownAddress(), resolve));
    const { address, port } = server.address() as AddressInfo;
    const url = `http://${address}:${port}`;
    const pair = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const [ctKeys, caKeys, logKeys, tsaKeys] = [pair(), pair(), pair(), pair()];
    const ctLog = await initializeCTLog(ctKeys);
    const ca = await initializeCA(caKeys, ctLog);
    const log = await initializeTLog(url, logKeys);
    const tsa = await initializeTSA(tsaKeys);
    // Whole seconds, as real ones have: what reads timestamps takes three digits of a fraction or none, and DER drops zeros.
    const seconds = () => Math.floor((Date.now() - services.ago) / 1000) * 1000;
    Object.assign(tsa, { getCurrentTime: () => new Date(seconds()) });
    for (const each of [ca, ctLog]) Object.assign(each, { getCurrentTime: () => new Date(seconds()) });
    Object.assign(log, { getCurrentTime: seconds });
    const logOf = ({ publicKey }: { publicKey: KeyObject }) => {
      const der = publicKey.export({ type: 'spki', format: 'der' });
      return {
        baseUrl: url,
        hashAlgorithm: 'SHA2_256',
        publicKey: {
          rawBytes: der.toString('base64'),
          keyDetails: 'PKIX_ECDSA_P256_SHA_256',
          validFor: { start: '2020-01-01T00:00:00Z' },
        },
        logId: { keyId: createHash('sha256').update(der).digest('base64') },
      };
    };
    const authority = (uri: string, ...certificates: ArrayBufferView[]) => ({
      subject: { organization: 'sigstore.mock', commonName: 'sigstore' },
      uri,
      certChain: {
        certificates: certificates.map((each) => ({ rawBytes: bytesOf(each).toString('base64') })),
      },
      validFor: { start: '2020-01-01T00:00:00Z' },
    });
    const trustedRoot = {
      mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
      tlogs: [logOf(logKeys)],
      certificateAuthorities: [authority(url, ca.rootCertificate)],
      ctlogs: [logOf(ctKeys)],
      timestampAuthorities: [authority(`${url}/api/v1/timestamp`, tsa.intCertificate, tsa.rootCertificate)],
    };
    const byEmail = fulcioHandler(ca, { subjectClaim: 'email' });
    const bySubject = fulcioHandler(ca, { subjectClaim: 'sub' });
    const rekor = rekorHandler(log);
    const services: SigstoreServices = new SigstoreServices(server, url, trustedRoot, {
      fulcio: async (body, claims) =>
        answerOf(await (claims?.email === undefined ? bySubject : byEmail).fn(body.toString())),
      rekor: async (body) => answerOf(await rekor.fn(body.toString())),
      timestamp: async (digest) => ({
        statusCode: 201,
        contentType: 'application/timestamp-reply',
        response: bytesOf(
          await tsa.timestamp({
            artifactHash: digest,
            hashAlgorithmOID: '2.16.840.1.101.3.4.2.1',
            nonce: 1,
            policyOID: '1.3.6.1.4.1.57264.2',
          }),
        ),
      }),
    });
    return services;
  }

  private constructor(
    server: http.Server,
    url: string,
    trustedRoot: Record<string, unknown>,
    mocks: Record<'fulcio' | 'rekor' | 'timestamp', Mock>,
  ) {
    this.#server = server;
    this.url = url;
    this.issuer = url;
    this.trustedRoot = trustedRoot;
    this.#tokenKey = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
    const services: Record<string, (body: Buffer) => Promise<Answer>> = {
      '/api/v2/signingCert': (body) => this.#certificate(body, mocks.fulcio),
      '/api/v1/signingCert': (body) => this.#oldCertificate(body, mocks.fulcio),
      '/api/v1/log/entries': (body) => this.#entry(body, mocks.rekor),
      '/api/v1/timestamp': (body) => mocks.timestamp(imprint(body)),
      '/device/code': async () =>
        json({ device_code: 'secret', user_code: 'WDJB', verification_uri: `${url}/device`, interval: 1 }),
      '/token': async () =>
        this.signedIn === undefined
          ? json({ error: 'authorization_pending' }, 400)
          : json({ id_token: this.token(this.signedIn) }),
      '/.well-known/openid-configuration': async () =>
        json({
          issuer: url,
          device_authorization_endpoint: `${url}/device/code`,
          token_endpoint: `${url}/token`,
        }),
    };
    server.on('request', async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      const path = request.url ?? '';
      const body = withToken(Buffer.concat(chunks), request.headers.authorization);
      this.calls.push({ path, body });
      const stored = request.method === 'GET' ? this.#entries.get(path) : undefined;
      const service = services[path] ?? (async () => ({ statusCode: 404, response: 'no such service' }));
      const between = this.between.get(path);
      const answer: Answer =
        stored !== undefined
          ? { statusCode: 200, response: stored, contentType: 'application/json' }
          : await (between === undefined ? service(body) : between(body, service)).catch((error) => ({
              statusCode: 500,
              response: String(error),
            }));
      const { statusCode, contentType = 'text/plain', headers } = answer;
      response.writeHead(statusCode, { 'content-type': contentType, ...headers });
      response.end(answer.response);
    });
  }

  /** A token for whoever these claims are about. */
  token(claims: Record<string, unknown> = {}): string {
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const exp = Math.floor(Date.now() / 1000) + 600;
    const all = {
      iss: this.issuer,
      aud: 'sigstore',
      sub: 'alice',
      email: 'alice@example.org',
      email_verified: true,
      exp,
    };
    const signed = `${part({ alg: 'ES256', typ: 'JWT' })}.${part({ ...all, ...claims })}`;
    const signature = sign('sha256', Buffer.from(signed), { key: this.#tokenKey, dsaEncoding: 'ieee-p1363' });
    return `${signed}.${signature.toString('base64url')}`;
  }

  stop(): Promise<void> {
    this.#server.closeAllConnections();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  /** Fulcio looks at who issued the token, and whether the key is that of whoever shows it. */
  async #certificate(body: Buffer, issue: Mock): Promise<Answer> {
    const { credentials, publicKeyRequest } = JSON.parse(body.toString());
    const token: string = credentials.oidcIdentityToken;
    const [head, payload, signature = ''] = token.split('.');
    const key = { key: createPublicKey(this.#tokenKey), dsaEncoding: 'ieee-p1363' as const };
    const isOurs = verify(
      'sha256',
      Buffer.from(`${head}.${payload}`),
      key,
      Buffer.from(signature, 'base64url'),
    );
    if (!isOurs) return { statusCode: 401, response: 'the token is not signed by its issuer' };
    const claims = JSON.parse(Buffer.from(payload ?? '', 'base64url').toString());
    // A certificate request, as cosign sends, proves its key by itself.
    if (publicKeyRequest === undefined) return as200(await issue(body, claims));
    const proof = Buffer.from(publicKeyRequest.proofOfPossession, 'base64');
    const named = Buffer.from(claims.email ?? claims.sub);
    if (verify('sha256', named, createPublicKey(publicKeyRequest.publicKey.content), proof))
      return as200(await issue(body, claims));
    return { statusCode: 400, response: 'the key is not proven' };
  }

  /** The first version of Fulcio's API, which cosign 2 uses. */
  async #oldCertificate(body: Buffer, issue: Mock): Promise<Answer> {
    const { publicKey, signedEmailAddress, credentials } = JSON.parse(body.toString());
    const publicKeyRequest = {
      publicKey: { algorithm: 'ECDSA', content: Buffer.from(publicKey.content, 'base64').toString() },
      proofOfPossession: signedEmailAddress,
    };
    const answer = await this.#certificate(
      Buffer.from(JSON.stringify({ credentials, publicKeyRequest })),
      issue,
    );
    if (answer.statusCode !== 200) return answer;
    const { chain } = JSON.parse(answer.response.toString()).signedCertificateEmbeddedSct;
    const contentType = 'application/pem-certificate-chain';
    return { statusCode: 201, response: chain.certificates.join(''), contentType };
  }

  /** Rekor keeps hashes of statements, and who signed them; the mock keeps what it is sent. */
  async #entry(body: Buffer, log: Mock): Promise<Answer> {
    const proposed = JSON.parse(body.toString());
    const { proposedContent } = proposed.spec;
    if (proposedContent !== undefined) {
      const envelope = JSON.parse(proposedContent.envelope);
      const hash = (content: string | Buffer) => ({
        algorithm: 'sha256',
        value: createHash('sha256').update(content).digest('hex'),
      });
      proposed.spec = {
        envelopeHash: hash(proposedContent.envelope),
        payloadHash: hash(Buffer.from(envelope.payload, 'base64')),
        signatures: [{ signature: envelope.signatures[0].sig, verifier: proposedContent.verifiers[0] }],
      };
    }
    const answer = await log(Buffer.from(JSON.stringify(proposed)));
    const [uuid = ''] = Object.keys(JSON.parse(answer.response.toString()));
    const location = `/api/v1/log/entries/${uuid}`;
    this.#entries.set(location, answer.response.toString());
    return { ...answer, headers: { etag: uuid, location } };
  }
}

function answerOf({
  response,
  ...answer
}: Awaited<ReturnType<ReturnType<typeof rekorHandler>['fn']>>): Answer {
  return { ...answer, response: typeof response === 'string' ? response : bytesOf(response) };
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Buffer {
  return Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength);
}

/** The mock says 201, Fulcio 200, and cosign 3 takes nothing else. */
function as200(answer: Answer): Answer {
  return { ...answer, statusCode: answer.statusCode === 201 ? 200 : answer.statusCode };
}

/** Fulcio takes a token in a header too, as cosign 3 sends it; the mock does not. */
function withToken(body: Buffer, authorization: string | undefined): Buffer {
  const [, oidcIdentityToken] = /^Bearer (.*)$/.exec(authorization ?? '') ?? [];
  if (oidcIdentityToken === undefined || body.length === 0) return body;
  return Buffer.from(JSON.stringify({ ...JSON.parse(body.toString()), credentials: { oidcIdentityToken } }));
}

function json(value: object, statusCode = 200): Answer {
  return { statusCode, response: JSON.stringify(value), contentType: 'application/json' };
}

/** The sha256 in a TimeStampReq (RFC 3161), for which the mock wants JSON. */
function imprint(request: Buffer): Buffer {
  const head = Buffer.from('300d060960864801650304020105000420', 'hex');
  const at = request.indexOf(head);
  if (at < 0) throw new Error('this is no request for a timestamp');
  return request.subarray(at + head.length, at + head.length + 32);
}
