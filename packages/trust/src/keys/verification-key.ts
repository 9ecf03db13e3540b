import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import { keyError } from './key-error.js';
import { keyDigest, keyKind } from './key-kind.js';
import { pemBlocks } from './pem.js';

/** A public key, to check signatures with. */
export interface VerificationKey {
  /** `sha256:<64 hex>` of its SubjectPublicKeyInfo (DER): one key, one name. */
  readonly id: string;
  /** The same as sigstore's bundles hint at the key: base64. */
  readonly hint: string;
  /** `ECDSA P-256` */
  readonly kind: string;
  readonly pem: string;
  /** Whether the owner of the private key signed this message. False for anything that is no signature at all. */
  verifies(message: Uint8Array, signature: Uint8Array): boolean;
}

const labels = ['PUBLIC KEY', 'RSA PUBLIC KEY'];

/** Reads a public key: PEM, as SubjectPublicKeyInfo or PKCS #1. `where` is for messages. Throws BUNNY_EKEY. */
export function readVerificationKey(text: string, where: string): VerificationKey {
  const blocks = pemBlocks(text);
  const block = blocks.find(({ label }) => labels.includes(label));
  if (block === undefined) throw missing(blocks[0]?.label, where);
  let key: KeyObject;
  try {
    key = createPublicKey(block.text);
  } catch (cause) {
    throw keyError('the public key is damaged', where, 'get it again from whoever signs', cause);
  }
  return verificationKey(key, where);
}

export function verificationKey(key: KeyObject, where: string): VerificationKey {
  const { name, readHashes, padding } = keyKind(key, where);
  const digest = keyDigest(key);
  return {
    id: `sha256:${digest.toString('hex')}`,
    hint: digest.toString('base64'),
    kind: name,
    pem: key.export({ type: 'spki', format: 'pem' }) as string,
    verifies: (message, signature) =>
      readHashes.some((hash) =>
        verify(hash, message, padding === undefined ? key : { key, padding }, signature),
      ),
  };
}

function missing(label: string | undefined, where: string) {
  if (label?.endsWith('PRIVATE KEY') === true) {
    return keyError('this is a private key', where, 'give the public one: it is in the .pub file beside it');
  }
  return keyError(
    label === undefined ? 'this is not a key in PEM form' : `this is not a public key but ${label}`,
    where,
    'a public key begins with -----BEGIN PUBLIC KEY-----: `bunny keygen` writes one to a .pub file',
  );
}
