import type { SigningKey } from '../keys/signing-key.js';
import type { Author } from './author.js';
import { writeBundle } from './bundle.js';
import { signatureAnnotation } from './certificate-annotations.js';
import type { FoundSignature } from './found-signature.js';

/** Whoever signs, and what goes beside a signature so that others can check it. */
export interface Signer {
  /** By whom what it signs is found to be. */
  author(): Promise<Author>;
  /** A signed in-toto statement: a sigstore bundle. */
  bundle(statement: Uint8Array): Promise<Buffer>;
  /** A signed payload of simple signing: the annotations of its layer. */
  annotations(payload: Uint8Array): Promise<Record<string, string>>;
  /** Signatures with what their certificates say to whom they have one. */
  certify<Each extends Pick<FoundSignature, 'message' | 'signature'>>(
    signatures: readonly Each[],
  ): Promise<Each[]>;
}

/** The owner of a key, or somebody else who signs. */
export function signerOf(by: SigningKey | Signer): Signer {
  if ('bundle' in by) return by;
  return {
    author: async () => by.publicKey,
    bundle: async (statement) => writeBundle(statement, by),
    annotations: async (payload) => ({
      [signatureAnnotation]: Buffer.from(by.sign(payload)).toString('base64'),
    }),
    certify: async (signatures) => [...signatures],
  };
}
