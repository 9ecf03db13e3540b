import { type KeyObject, sign, X509Certificate } from 'node:crypto';
import { pemBlocks } from '../keys/pem.js';
import type { IdentityToken } from './identity-token.js';
import { answeredObject, type Hosts, post, serviceError, serviceUrl } from './service.js';

const service = 'Fulcio';

/** A certificate for a key that was made for it. */
export interface IssuedCertificate {
  /** DER. */
  certificate: Buffer;
  /** Those above it, in PEM. */
  chain: string;
  notAfter: Date;
}

/**
 * Has a certificate issued for a key, to whom an identity token names (Fulcio's API, version 2). Throws BUNNY_ESERVICE and as
 * the connection does.
 */
export async function issueCertificate(
  hosts: Hosts,
  base: string,
  { token, subject }: IdentityToken,
  { publicKey, privateKey }: { publicKey: KeyObject; privateKey: KeyObject },
  signal?: AbortSignal,
): Promise<IssuedCertificate> {
  const url = serviceUrl(base, '/api/v2/signingCert', '--fulcio-url');
  const body = {
    credentials: { oidcIdentityToken: token },
    publicKeyRequest: {
      publicKey: { algorithm: 'ECDSA', content: publicKey.export({ type: 'spki', format: 'pem' }) },
      // Of whom the token names: whoever took the token has no certificate for a key of another.
      proofOfPossession: sign('sha256', Buffer.from(subject), privateKey).toString('base64'),
    },
  };
  const { bytes } = await post(hosts, {
    service,
    url,
    body: Buffer.from(JSON.stringify(body)),
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    isSecret: true,
    signal,
  });
  const answer = answeredObject(bytes, service, url) as {
    signedCertificateEmbeddedSct?: { chain?: { certificates?: unknown } };
  };
  // A detached SCT would have to be kept beside the certificate, for which bundles have no place.
  const list = answer.signedCertificateEmbeddedSct?.chain?.certificates;
  const texts = (Array.isArray(list) ? list : []).filter((each) => typeof each === 'string');
  const blocks = texts.flatMap(pemBlocks).filter(({ label }) => label === 'CERTIFICATE');
  const [leaf, ...above] = blocks;
  if (leaf === undefined) throw serviceError(service, url, 'its answer holds no certificate');
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(leaf.content);
  } catch {
    throw serviceError(service, url, 'its certificate is none');
  }
  if (!certificate.publicKey.equals(publicKey)) {
    throw serviceError(service, url, 'its certificate is for another key');
  }
  return {
    certificate: Buffer.from(leaf.content),
    chain: above.map(({ text }) => text).join(''),
    notAfter: new Date(certificate.validTo),
  };
}
