import type { ContentKind } from 'bunny-libos-namespace';
import type { Store } from 'bunny-libos-oci';
import type { Bunnyfile, Document, LockedTarget } from 'bunny-libos-spec';
import type { Limits } from 'bunny-libos-tooling';
import type { OpenLayout } from '../images/image-store.js';
import type { Sources } from './closure-layers.js';
import type { FormerDefiners } from './former-definers.js';
import type { DefiningRequirement } from './inferred-requirements.js';

/** Symbol or header -> dependencies by which it would be there, as far as is known. */
export type Definers = (
  names: readonly string[],
  kind: ContentKind,
) => Promise<ReadonlyMap<string, readonly DefiningRequirement[]>>;

/** What is to be built, from what, and where the result goes. */
export interface BuildRequest {
  bunnyfile: Document<Bunnyfile>;
  /** Directory of the Bunnyfile, absolute. */
  directory: string;
  /** The target of the lock that is built. */
  target: LockedTarget;
  store: Store;
  /** Where layers that the store lacks are fetched; with none, the build is offline. */
  sources: Sources;
  /** Artifact types; the first of the target's where left out. */
  types?: readonly string[] | undefined;
  /** Formats of bills of materials that are written beside it: `spdx`, `cyclonedx`. */
  sboms?: readonly string[] | undefined;
  /** How the image came about is written beside it, by this version of Bunny. */
  provenance?: string | undefined;
  /** Where OCI images are written, for artifacts of that type. */
  openLayout?: OpenLayout | undefined;
  /** sha256 of bunny.lock, which an OCI image tells. */
  lock?: string | undefined;
  /** Path of the image, relative to `current`; `build/<name>-<arch>-<platform>` beside the Bunnyfile where left out. */
  output?: string | undefined;
  /** Commands at a time; as many as there are processors where left out. */
  jobs?: number | undefined;
  /** What commands may use up; those of `readLimits` where left out. */
  limits?: Limits | undefined;
  /** The user's working directory, for paths in messages; that of this process where left out. */
  current?: string | undefined;
  /** Tells which components outside the closure have a symbol or a header, for messages. */
  definers?: Definers | undefined;
  /** Tells which earlier versions of what is in the closure had a symbol, for messages. */
  formerDefiners?: FormerDefiners | undefined;
  /** Tells the command of a link that fails, too. */
  verbose?: boolean | undefined;
  signal?: AbortSignal | undefined;
  onProgress?: ((progress: BuildProgress) => void) | undefined;
}

/** Something that happened during a build. */
export type BuildProgress =
  /** A layer is fetched because the store lacks it. */
  | { kind: 'fetch'; digest: string; size: number; from: string }
  /** Something may not be as it was meant: a text that begins with its place. */
  | { kind: 'warning'; text: string }
  /** What a step said when it was last run, which is up to date. Lines as for `step`. */
  | { kind: 'output'; output: readonly string[] }
  /** A step has ended. Its output (warnings) has the user's paths. */
  | {
      kind: 'step';
      description: string;
      command: readonly string[];
      done: number;
      total: number;
      output: readonly string[];
    };
