import type { Claims } from './claims.js';

/** `bundle`: a sigstore bundle that refers to its subject. `tag`: simple signing, under `sha256-….sig`. */
export type SignatureForm = 'bundle' | 'tag';

/** A signature as somebody delivered it: nothing of it is verified. */
export interface FoundSignature {
  form: SignatureForm;
  /** Digest of the manifest or layer that holds it. */
  digest: string;
  /** What was signed. */
  message: Uint8Array;
  signature: Uint8Array;
  claims: Claims;
}

/** What is attached to a manifest as a signature, and is of no use. */
export interface UnusableSignature {
  form: SignatureForm;
  digest: string;
  reason: string;
}

export interface Found {
  signatures: FoundSignature[];
  unusable: UnusableSignature[];
}
