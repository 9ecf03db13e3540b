/** What is signed, and what a signature has to say to count for it. */
export interface Subject {
  /** Of the manifest. */
  digest: string;
  /** The repository that it is at home in (`canonicalRepository`), whoever delivers it. */
  repository: string;
  /** What it was made from; undefined for what has no layer hash. */
  layerHash?: string | undefined;
}

/** What a signature says: nothing of it is true before the signature is verified. */
export interface Claims {
  digest: string;
  /** Undefined where the signer named none. */
  repository: string | undefined;
  layerHash: string | undefined;
}

/** What stands in a signature where it cannot be used, and why. */
export class Unusable extends Error {
  override readonly name = 'Unusable';
}
