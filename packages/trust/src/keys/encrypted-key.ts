import { randomBytes, scrypt } from 'node:crypto';
import { promisify } from 'node:util';
import { xsalsa20poly1305 } from '@noble/ciphers/salsa.js';
import { keyError } from './key-error.js';
import { type PemBlock, pemText } from './pem.js';

/**
 * Private keys as cosign keeps them: the key (PKCS #8, DER) in a NaCl secretbox, whose key scrypt makes from a
 * passphrase; all of it as JSON in a PEM block (go-securesystemslib, `encrypted`).
 */

/** What cosign writes, and what it wrote before 2.0. */
export const encryptedLabels: readonly string[] = [
  'ENCRYPTED SIGSTORE PRIVATE KEY',
  'ENCRYPTED COSIGN PRIVATE KEY',
];

interface Envelope {
  kdf: { name: 'scrypt'; params: { N: number; r: number; p: number }; salt: string };
  cipher: { name: 'nacl/secretbox'; nonce: string };
  ciphertext: string;
}

const derive = promisify<string, Uint8Array, number, object, Buffer>(scrypt);

/** The cost that cosign writes, and the one of its first releases: others are not read, as they decide time and memory. */
const costs = [65_536, 32_768];
const [cost = 0] = costs;
const blockSize = 8;
const keyLength = 32;
const nonceLength = 24;

function secretKey(passphrase: string, salt: Uint8Array, N: number): Promise<Buffer> {
  // What scrypt takes is 128 N r and a little more.
  return derive(passphrase, salt, keyLength, { N, r: blockSize, p: 1, maxmem: 160 * N * blockSize });
}

/** The PEM text of a private key (PKCS #8, DER), encrypted. An empty passphrase is one, too, as with cosign. */
export async function encryptKey(pkcs8: Uint8Array, passphrase: string): Promise<string> {
  const salt = randomBytes(32);
  const nonce = randomBytes(nonceLength);
  const box = xsalsa20poly1305(await secretKey(passphrase, salt, cost), nonce).encrypt(pkcs8);
  const envelope: Envelope = {
    kdf: { name: 'scrypt', params: { N: cost, r: blockSize, p: 1 }, salt: salt.toString('base64') },
    cipher: { name: 'nacl/secretbox', nonce: nonce.toString('base64') },
    ciphertext: Buffer.from(box).toString('base64'),
  };
  return pemText(encryptedLabels[0] ?? '', Buffer.from(JSON.stringify(envelope)));
}

/**
 * The private key (PKCS #8, DER) in a block that `encryptedLabels` has. Throws BUNNY_EKEY where it is damaged or the
 * passphrase is another one: the two cannot be told apart.
 */
export async function decryptKey(block: PemBlock, passphrase: string, where: string): Promise<Uint8Array> {
  const { kdf, cipher, ciphertext } = readEnvelope(block, where);
  const salt = Buffer.from(kdf.salt, 'base64');
  const nonce = Buffer.from(cipher.nonce, 'base64');
  if (nonce.length !== nonceLength) throw damaged(where);
  const secret = await secretKey(passphrase, salt, kdf.params.N);
  try {
    return xsalsa20poly1305(secret, nonce).decrypt(Buffer.from(ciphertext, 'base64'));
  } catch {
    throw keyError(
      'the passphrase does not open this key',
      where,
      'give the passphrase that the key was made with; where it is right, the file is damaged',
    );
  }
}

function readEnvelope({ content }: PemBlock, where: string): Envelope {
  let envelope: { [Part in keyof Envelope]?: Partial<Envelope[Part]> } | null;
  try {
    envelope = JSON.parse(Buffer.from(content).toString('utf8'));
  } catch {
    throw damaged(where);
  }
  const { kdf, cipher, ciphertext } = envelope ?? {};
  const texts = [kdf?.salt, cipher?.nonce, ciphertext];
  if (!texts.every((each) => typeof each === 'string')) throw damaged(where);
  const { N, r, p } = kdf?.params ?? {};
  const isKnown = kdf?.name === 'scrypt' && cipher?.name === 'nacl/secretbox';
  if (!isKnown || !costs.includes(N ?? 0) || r !== blockSize || p !== 1) {
    throw keyError(
      'the private key is encrypted in a way that cosign does not use',
      where,
      'make a key with `bunny keygen` or `cosign generate-key-pair`',
    );
  }
  return envelope as Envelope;
}

function damaged(where: string) {
  return keyError('the encrypted private key is damaged', where, 'take it from where you keep a copy');
}
