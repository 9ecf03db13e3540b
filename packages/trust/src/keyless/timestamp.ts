import { createHash, randomBytes } from 'node:crypto';
import { type Hosts, post, serviceUrl } from './service.js';

/**
 * Has the time of a signature attested (RFC 3161). Returns the answer, DER, as it is kept: whoever checks it finds what is wrong
 * with it. Throws BUNNY_ESERVICE and as the connection does.
 */
export async function attestTime(
  hosts: Hosts,
  address: string,
  signature: Uint8Array,
  signal?: AbortSignal,
): Promise<Buffer> {
  const given = serviceUrl(address, '', '--timestamp-url');
  const url = given.pathname === '/' ? serviceUrl(address, '/api/v1/timestamp', '--timestamp-url') : given;
  const { bytes } = await post(hosts, {
    service: 'the timestamp authority',
    url,
    body: timestampRequest(createHash('sha256').update(signature).digest()),
    headers: { 'content-type': 'application/timestamp-query', accept: 'application/timestamp-reply' },
    signal,
  });
  return bytes;
}

const sha256Algorithm = Buffer.from('300d06096086480165030402010500', 'hex');

/** `TimeStampReq` (RFC 3161, 2.4.1) in DER, for a sha256. The certificates of the authority are not asked for: the root has them. */
function timestampRequest(digest: Uint8Array): Buffer {
  const nonce = randomBytes(8);
  // Positive, and in as few bytes as it needs.
  nonce[0] = ((nonce[0] ?? 0) & 0x3f) | 0x40;
  const imprint = der(0x30, sha256Algorithm, der(0x04, digest));
  return der(0x30, der(0x02, Buffer.from([1])), imprint, der(0x02, nonce));
}

/** One value of DER that is shorter than 128 bytes. */
function der(tag: number, ...parts: Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([tag, content.length]), content]);
}
