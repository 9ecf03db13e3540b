import { constants, createHash, type KeyObject } from 'node:crypto';
import { keyError } from './key-error.js';

/** How a kind of key signs. */
export interface KeyKind {
  /** `ECDSA P-256`, `RSA 2048`, `Ed25519` */
  name: string;
  /** What is signed: a hash of the message, or the message itself. */
  hash: 'sha256' | null;
  /** Hashes that a signature of this key may be over: cosign signs with the hash of its curve in some forms. */
  readHashes: readonly ('sha256' | 'sha384' | 'sha512' | null)[];
  padding?: number | undefined;
}

const curves = new Map<string | undefined, { name: string; hash: 'sha256' | 'sha384' | 'sha512' }>([
  ['prime256v1', { name: 'P-256', hash: 'sha256' }],
  ['secp384r1', { name: 'P-384', hash: 'sha384' }],
  ['secp521r1', { name: 'P-521', hash: 'sha512' }],
]);
const rsaSizes: readonly (number | undefined)[] = [2048, 3072, 4096];

/** The kinds that cosign signs and verifies with. Throws BUNNY_EKEY for any other, and for weak keys. */
export function keyKind(key: KeyObject, where: string): KeyKind {
  const { namedCurve, modulusLength, publicExponent } = key.asymmetricKeyDetails ?? {};
  const curve = curves.get(namedCurve);
  if (key.asymmetricKeyType === 'ec' && curve !== undefined) {
    return {
      name: `ECDSA ${curve.name}`,
      hash: 'sha256',
      readHashes: [...new Set(['sha256', curve.hash] as const)],
    };
  }
  if (key.asymmetricKeyType === 'rsa' && rsaSizes.includes(modulusLength) && publicExponent === 65537n) {
    const padding = constants.RSA_PKCS1_PADDING;
    return { name: `RSA ${modulusLength}`, hash: 'sha256', readHashes: ['sha256'], padding };
  }
  if (key.asymmetricKeyType === 'ed25519') return { name: 'Ed25519', hash: null, readHashes: [null] };
  throw keyError(
    'signatures of keys of this kind are not used',
    where,
    'take ECDSA on P-256, P-384 or P-521, RSA of 2048, 3072 or 4096 bits, or Ed25519: `bunny keygen` makes one',
  );
}

/** What names a public key: the sha256 of its SubjectPublicKeyInfo. */
export function keyDigest(publicKey: KeyObject): Buffer {
  return createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest();
}
