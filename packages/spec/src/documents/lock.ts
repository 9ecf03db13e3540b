import type { NamedTarget } from './bunnyfile.js';
import type { Options, Settings } from './vocabulary.js';

/** A blob or manifest that the lock pins. */
export interface LockedBlob {
  digest: string;
  /** Bytes. */
  size: number;
}

export interface LockedTooling {
  version: string;
  layerHash: string;
  /** The manifest of the tooling image. */
  digest: string;
  size: number;
  /** `tooling.json`. */
  rules: LockedBlob;
  /** Root filesystem layers, bottom first, with their uncompressed digests (OCI diff IDs). */
  rootfs: readonly (LockedBlob & { diffId: string })[];
  /** Base reference that it came from: `host/namespace` or an image layout. */
  from: string;
}

export interface LockedComponent {
  name: string;
  version: string;
  layerHash: string;
  /** The manifest. */
  digest: string;
  size: number;
  /** The layer with the objects: all that a build needs, in one request. */
  layer: LockedBlob;
  /** Base reference that it came from. */
  from: string;
  options: Options;
  /** Names of the components in the closure that meet its dependencies, sorted. */
  dependencies: readonly string[];
}

export interface LockedTarget extends NamedTarget {
  settings: Settings;
  tooling: LockedTooling;
  /** Sorted by name. */
  components: readonly LockedComponent[];
}

/**
 * What the Bunnyfile's wishes came to for one framework, for every target. `bunny.lock` holds one of these for each
 * framework: as it is where there is just one (`lock/v1`), else a list of them (`lock/v2`).
 */
export interface Lock {
  framework: string;
  /** sha256 over what the Bunnyfile asks for: staleness is known without the network. */
  request: string;
  /** Sorted by arch, then platform. */
  targets: readonly LockedTarget[];
}

/** The versions of `bunny.lock`. */
export const lockSchemas = {
  one: 'https://bunny-libos.github.io/schema/lock/v1',
  several: 'https://bunny-libos.github.io/schema/lock/v2',
} as const;
