import type { VerificationKey } from '../keys/verification-key.js';
import type { Certification } from './author.js';
import type { Claims } from './claims.js';

/** How a signature of one manifest is kept. `bundle`: a sigstore bundle that refers to it. `tag`: simple signing, under `sha256-….sig`. */
export type AttachedForm = 'bundle' | 'tag';
/** `statement`: one signature for many variants, in the index of their version. */
export type SignatureForm = AttachedForm | 'statement';

/** A signature apart from what it is about. */
export interface Signature {
  /** What was signed. */
  message: Uint8Array;
  signature: Uint8Array;
  /** Text of the sigstore bundle with its certificate; undefined for those of keys. */
  bundle?: string;
  /** What its certificate says under trusted roots, by their ids, where somebody looked. */
  certified?: ReadonlyMap<string, Certification>;
}

/** A signature as somebody delivered it: nothing of it is verified. */
export interface FoundSignature extends Signature {
  form: SignatureForm;
  /** Digest of the manifest or layer that holds it. */
  digest: string;
  claims: Claims;
  /** When it was signed, as the signer says; undefined where it does not say. */
  issued?: Date;
  /** Of a statement: as it is kept. */
  text?: string;
}

/** What is attached to a manifest as a signature, and is of no use. */
export interface UnusableSignature {
  form: SignatureForm;
  digest: string;
  reason: string;
}

/** What somebody says of a manifest: in-toto statements whose predicate is no mere signature. Nothing of it is verified. */
export interface Attestation extends Signature {
  /** Of the manifest that holds it. */
  digest: string;
  predicateType: string;
  predicate: Readonly<Record<string, unknown>>;
  /** The repository and the layer hash that it names; undefined where it names none, as those of cosign. */
  repository: string | undefined;
  layerHash: string | undefined;
}

/** A statement that a key replaces another: nothing of it is verified. */
export interface Rotation {
  /** The one that takes over. */
  key: VerificationKey;
  message: Uint8Array;
  signature: Uint8Array;
  /** As it is kept. */
  text: string;
}

export interface Found {
  signatures: FoundSignature[];
  unusable: UnusableSignature[];
  /** Which keys replace others, as whoever delivers says. */
  rotations?: Rotation[];
  /** What else is said of it, where that was looked for. */
  attestations?: readonly Attestation[];
}
