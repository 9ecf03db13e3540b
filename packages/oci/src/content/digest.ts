import { createHash, type Hash } from 'node:crypto';
import type { ContentIdentity } from './descriptor.js';
import { OciError } from './errors.js';

/** Digest algorithms of image-spec that are understood, with the length of their hexadecimal form. */
const hexLength = { sha256: 64, sha512: 128 } as const;

export type Algorithm = keyof typeof hexLength;

export interface Digest {
  algorithm: Algorithm;
  /** Lower-case hexadecimal. */
  hex: string;
}

/** Takes `sha256:<64 hex>` or `sha512:<128 hex>` apart (image-spec, descriptor.md); undefined where it is neither. */
export function tryParseDigest(text: string): Digest | undefined {
  const match = /^(sha256|sha512):([0-9a-f]+)$/.exec(text);
  if (match === null) return undefined;
  const [, algorithm, hex] = match as unknown as [string, Algorithm, string];
  return hex.length === hexLength[algorithm] ? { algorithm, hex } : undefined;
}

/** As `tryParseDigest`; throws BUNNY_EMANIFEST where the text is no digest. */
export function parseDigest(text: string): Digest {
  const digest = tryParseDigest(text);
  if (digest !== undefined) return digest;
  throw new OciError('BUNNY_EMANIFEST', `not a digest: ${JSON.stringify(text.slice(0, 200))}`, {
    where: text.slice(0, 200),
    hint: 'a digest is "sha256:" and 64 lower-case hexadecimal digits',
  });
}

/** Whether two digests can be compared: a registry may name content by another algorithm than it was asked with. */
export function isSameAlgorithm(one: string, other: string): boolean {
  return tryParseDigest(one)?.algorithm === tryParseDigest(other)?.algorithm;
}

/** sha256 of bytes, as `sha256:<hex>`. */
export function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/** Checks a stream of bytes against a descriptor as they pass. */
export class Verifier {
  readonly #descriptor: ContentIdentity;
  readonly #digest: Digest;
  readonly #hash: Hash;
  readonly #where: string;
  #size = 0;

  /** `where` says in errors what is verified. */
  constructor(descriptor: ContentIdentity, where: string = descriptor.digest) {
    this.#descriptor = descriptor;
    this.#where = where;
    this.#digest = parseDigest(descriptor.digest);
    this.#hash = createHash(this.#digest.algorithm);
  }

  /** Throws BUNNY_ESIZE as soon as there are too many bytes. */
  update(chunk: Uint8Array): void {
    this.#size += chunk.length;
    if (this.#size > this.#descriptor.size) throw this.#sizeError('more');
    this.#hash.update(chunk);
  }

  /** Throws BUNNY_ESIZE or BUNNY_EDIGEST where the content is not what the descriptor names. Call once, at the end. */
  finish(): void {
    if (this.#size < this.#descriptor.size) throw this.#sizeError(String(this.#size));
    const actual = this.#hash.digest('hex');
    if (actual === this.#digest.hex) return;
    throw new OciError(
      'BUNNY_EDIGEST',
      `content has digest ${this.#digest.algorithm}:${actual}, not the one asked for`,
      {
        where: this.#where,
        hint: 'the source is corrupt: fetch it from another one or push it again',
      },
    );
  }

  #sizeError(actual: string): OciError {
    return new OciError(
      'BUNNY_ESIZE',
      `content has ${actual} bytes where ${this.#descriptor.size} were announced`,
      {
        where: this.#where,
        hint: 'the source is truncated or corrupt: fetch it from another one or push it again',
      },
    );
  }
}

/** Throws BUNNY_ESIZE or BUNNY_EDIGEST where the bytes are not what the descriptor names. */
export function verifyBytes(bytes: Uint8Array, descriptor: ContentIdentity, where?: string): void {
  const verifier = new Verifier(descriptor, where);
  verifier.update(bytes);
  verifier.finish();
}

/** Passes chunks on and throws before the end where they are not what the descriptor names. */
export async function* verified(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  descriptor: ContentIdentity,
  where?: string,
): AsyncGenerator<Uint8Array, void, undefined> {
  const verifier = new Verifier(descriptor, where);
  // The last chunk is held back until the digest is known, so nobody sees all of a wrong content.
  let held: Uint8Array | undefined;
  for await (const chunk of chunks) {
    verifier.update(chunk);
    if (held !== undefined) yield held;
    held = chunk;
  }
  verifier.finish();
  if (held !== undefined) yield held;
}
