import { createPrivateKey, createPublicKey, generateKeyPair, type KeyObject, sign } from 'node:crypto';
import { promisify } from 'node:util';
import { decryptKey, encryptedLabels, encryptKey } from './encrypted-key.js';
import { keyError } from './key-error.js';
import { keyKind } from './key-kind.js';
import { type PemBlock, pemBlocks } from './pem.js';
import { type VerificationKey, verificationKey } from './verification-key.js';

/** A private key, opened. */
export interface SigningKey {
  readonly publicKey: VerificationKey;
  sign(message: Uint8Array): Uint8Array;
}

/** Texts of two files: the encrypted private key, and the public one. */
export interface KeyPairTexts {
  privateKey: string;
  publicKey: string;
}

const generate = promisify(generateKeyPair);

/** A new key pair (ECDSA on P-256) in the form that cosign writes and reads. */
export async function newKeyPair(passphrase: string): Promise<KeyPairTexts> {
  const { privateKey, publicKey } = await generate('ec', { namedCurve: 'P-256' });
  return {
    privateKey: await encryptKey(privateKey.export({ type: 'pkcs8', format: 'der' }), passphrase),
    publicKey: publicKey.export({ type: 'spki', format: 'pem' }) as string,
  };
}

const plainLabels = ['PRIVATE KEY', 'EC PRIVATE KEY', 'RSA PRIVATE KEY'];
/** OpenSSL's own encryption of PKCS #8. */
const opensslLabel = 'ENCRYPTED PRIVATE KEY';

/**
 * Reads a private key: in cosign's encrypted form, or as PEM (PKCS #8, PKCS #1, SEC 1), encrypted by OpenSSL or plain.
 * `passphrase` is asked only where there is need of it; `where` is for messages. Throws BUNNY_EKEY.
 */
export async function readSigningKey(
  text: string,
  where: string,
  passphrase: () => Promise<string>,
): Promise<SigningKey> {
  const known = [...encryptedLabels, ...plainLabels, opensslLabel];
  const blocks = pemBlocks(text);
  const block = blocks.find(({ label }) => known.includes(label));
  if (block === undefined) throw missing(blocks[0]?.label, where);
  const key = await openBlock(block, where, passphrase);
  const { hash, padding } = keyKind(key, where);
  return {
    publicKey: verificationKey(createPublicKey(key), where),
    sign: (message) => sign(hash, message, padding === undefined ? key : { key, padding }),
  };
}

async function openBlock(
  block: PemBlock,
  where: string,
  passphrase: () => Promise<string>,
): Promise<KeyObject> {
  if (encryptedLabels.includes(block.label)) {
    const content = await decryptKey(block, await passphrase(), where);
    return parsed(where, () => createPrivateKey({ key: Buffer.from(content), format: 'der', type: 'pkcs8' }));
  }
  const isEncrypted = block.label === opensslLabel || /^Proc-Type:.*ENCRYPTED/m.test(block.text);
  const secret = isEncrypted ? { passphrase: await passphrase() } : {};
  return parsed(where, () => createPrivateKey({ key: block.text, format: 'pem', ...secret }), isEncrypted);
}

function parsed(where: string, read: () => KeyObject, isEncrypted = false): KeyObject {
  try {
    return read();
  } catch {
    // OpenSSL's message may hold parts of what was read.
    throw keyError(
      isEncrypted ? 'the passphrase does not open this key' : 'the private key is damaged',
      where,
      isEncrypted ? 'give the passphrase that the key was made with' : 'take it from where you keep a copy',
    );
  }
}

function missing(label: string | undefined, where: string) {
  if (label?.endsWith('PUBLIC KEY') === true) {
    return keyError(
      'this is a public key',
      where,
      'sign with the private one: it is in the .key file beside it',
    );
  }
  return keyError(
    label === undefined ? 'this is not a key in PEM form' : `this is not a private key but ${label}`,
    where,
    'make a key with `bunny keygen`, or take one of cosign or OpenSSL in PEM form',
  );
}
