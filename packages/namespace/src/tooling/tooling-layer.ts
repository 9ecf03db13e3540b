import { imageLayerGzipType, type Store, type Target } from 'bunny-libos-oci';
import {
  BunnyError,
  canonicalJson,
  exitStatus,
  type LockedTooling,
  sha256,
  type ToolingIdentity,
  type ToolingRules,
} from 'bunny-libos-spec';
import { readRulesLayer } from './rules-layer.js';

/** A tooling layer on this machine. */
export interface OpenedTooling {
  /** Root filesystem: read-only, shared by all projects. */
  root: string;
  rules: ToolingRules;
  layerHash: string;
}

/**
 * The tooling layer that a lock pins: from the store, what it lacks being fetched in parallel.
 * Throws BunnyError BUNNY_ELOCKED where the layer is not the one that the lock describes, and what the store
 * throws.
 */
export async function openTooling(
  store: Store,
  locked: LockedTooling,
  sources: readonly Target[],
  options: { signal?: AbortSignal | undefined } = {},
): Promise<OpenedTooling> {
  const layers = locked.rootfs.map(({ digest, size }) => ({ mediaType: imageLayerGzipType, digest, size }));
  const [root, document] = await Promise.all([
    store.unpackedImage(layers, sources, options),
    readRulesLayer(store, locked.rules, sources, options),
  ]);
  const facts = (version: string, layerHash: string, diffIds: readonly string[]) => [
    `version ${version}`,
    `layer hash ${layerHash}`,
    `root filesystem ${diffIds.join(' ')}`,
  ];
  const { identity, layerHash } = document;
  const is = facts(identity.version, layerHash, identity.rootfs);
  const diffIds = locked.rootfs.map(({ diffId }) => diffId);
  const said = facts(locked.version, locked.layerHash, diffIds);
  const differences = said.flatMap((fact, index) =>
    fact === is[index] ? [] : [`the lock says ${fact}`, `the rules say ${is[index]}`],
  );
  if (differences.length > 0) {
    throw new BunnyError(
      'BUNNY_ELOCKED',
      'bunny.lock contradicts the rules of the tooling layer that it pins',
      {
        where: 'bunny.lock',
        details: differences,
        hint: 'undo the edit of bunny.lock, or run `bunny update`, which chooses the tooling layer again',
        exitStatus: exitStatus.unsatisfiable,
      },
    );
  }
  return { root, rules: document.rules, layerHash: document.layerHash };
}

/** What the layer hash of a tooling layer names. `diffIds` are those of its root filesystem, bottom first. */
export function toolingIdentity(rules: ToolingRules, diffIds: readonly string[]): ToolingIdentity {
  return {
    schema: 'https://bunny-libos.github.io/schema/tooling-identity/v1',
    framework: rules.framework,
    version: rules.version,
    abi: rules.abi,
    rules: sha256(canonicalJson(rules)),
    rootfs: diffIds,
  };
}
