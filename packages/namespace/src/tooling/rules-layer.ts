import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Descriptor, imageLayerGzipType, type Manifest, type Store, type Target } from 'bunny-libos-oci';
import {
  annotations,
  BunnyError,
  exitStatus,
  type LockedBlob,
  mediaTypes,
  readToolingDocument,
  type ToolingDocument,
} from 'bunny-libos-spec';

/**
 * Path of the rules in a tooling image. They are an ordinary file in an ordinary layer of their own, so
 * that any container engine can run the image, and reading the rules brings nothing else.
 */
export const rulesPath = 'bunny/tooling.json';

/** Reads the rules layer of a tooling image, once. Throws BUNNY_EMETADATA where it contradicts its own hashes. */
export async function readRulesLayer(
  store: Store,
  rules: LockedBlob,
  sources: readonly Target[],
  options: { signal?: AbortSignal | undefined } = {},
): Promise<ToolingDocument> {
  const descriptor: Descriptor = { mediaType: imageLayerGzipType, digest: rules.digest, size: rules.size };
  return store.derived('rules', descriptor, async () => {
    const where = `${sources[0]?.name ?? 'the store'}@${rules.digest}`;
    return readToolingDocument(await publishedRules(store, rules, sources, options), where);
  });
}

/** The document in a rules layer, as it was published. Throws what the store throws. */
export async function publishedRules(
  store: Store,
  rules: LockedBlob,
  sources: readonly Target[],
  options: { signal?: AbortSignal | undefined } = {},
): Promise<Uint8Array> {
  const descriptor: Descriptor = { mediaType: imageLayerGzipType, digest: rules.digest, size: rules.size };
  return await readFile(join(await store.unpacked(descriptor, sources, options), rulesPath));
}

/** Whether a layer of a tooling image holds its rules. */
export function isRulesLayer(layer: Descriptor): boolean {
  return layer.annotations?.[annotations.toolingRules] !== undefined;
}

/** The layer of a tooling image that holds its rules. Throws BUNNY_EMETADATA where there is none. */
export function findRulesLayer(manifest: Manifest, where: string): Descriptor {
  const layer = manifest.layers.find(isRulesLayer);
  if (manifest.artifactType === mediaTypes.tooling && layer !== undefined) return layer;
  throw new BunnyError('BUNNY_EMETADATA', 'this is not a tooling layer', {
    where,
    hint: 'publish one with `bunny publish`',
    exitStatus: exitStatus.registry,
  });
}
