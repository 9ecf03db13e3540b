import type { TransferObserver } from 'bunny-libos-namespace';
import type { Signer, SigningKey } from 'bunny-libos-trust';
import type { CompileRun } from '../compile/compile.js';
import type { LocalVariant } from '../plan/local-variant.js';

/** How what is planned is published, and what goes with it. */
export interface Publication {
  /** Compilers at a time. */
  jobs?: number | undefined;
  limits?: CompileRun['limits'] | undefined;
  /** Why variants may lack symbols that dependents of a compatible version use; noted in their manifests. */
  allowBreaking?: string | undefined;
  onEdge?: CompileRun['onEdge'] | undefined;
  onPushed?: ((variant: LocalVariant) => void) | undefined;
  /** Sees what is pushed. */
  observer?: TransferObserver | undefined;
  /** Signs what is published. */
  signingKey?: SigningKey | Signer | undefined;
  /** What says that this key replaces another: texts of `.rotation` files. */
  rotations?: readonly string[] | undefined;
  /** With a key: how each variant was made is attested, by this version of Bunny. */
  provenance?: string | undefined;
  /** Formats of the bills of materials that are attached to what is published: `spdx`, `cyclonedx`. */
  sboms?: readonly string[] | undefined;
  /** Attaches the sources of each variant to it, so that everybody can build it again. */
  withSource?: boolean | undefined;
}
