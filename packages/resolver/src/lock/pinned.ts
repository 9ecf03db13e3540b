import {
  type Bases,
  type FoundVariant,
  type MetadataCache,
  readManifest,
  type Variant,
  variantOfManifest,
} from 'bunny-libos-namespace';
import { type Descriptor, manifestType, type Store, type Target } from 'bunny-libos-oci';
import {
  BunnyError,
  canonicalJson,
  exitStatus,
  type LockedComponent,
  readComponentConfig,
  variantTag,
} from 'bunny-libos-spec';

export interface PinnedPlace {
  store: Store;
  cache: MetadataCache;
  bases: Bases;
  framework: string;
  /** Path of the lock, for messages. */
  lockFile: string;
  offline?: boolean | undefined;
  signal?: AbortSignal | undefined;
}

/** Reads a variant by the digest of its manifest: from the store, else from the sources, into the store. */
async function readPinned(
  store: Store,
  manifest: { digest: string; size: number },
  sources: readonly Target[],
  signal?: AbortSignal | undefined,
): Promise<Variant> {
  const transfer = { signal };
  const where = `${sources[0]?.name ?? 'the store'}@${manifest.digest}`;
  const descriptor: Descriptor = { mediaType: manifestType, ...manifest };
  const document = readManifest(await store.load(descriptor, sources, transfer), manifestType, where);
  const config = readComponentConfig(await store.load(document.config, sources, transfer), where);
  return variantOfManifest(descriptor, document, config, where);
}

/**
 * The variant that a lock pins, as its own manifest describes it; from the metadata cache, the store, or
 * the registry. Throws BUNNY_ELOCKED where the lock says otherwise, or the registry has it no more.
 */
export async function lockedVariant(place: PinnedPlace, locked: LockedComponent): Promise<FoundVariant> {
  const { cache, bases, framework } = place;
  const name = bases.repository(locked.from, framework, locked.name).name;
  const tag = variantTag(locked.version, locked.layerHash);
  const remembered = await cache.read(name);
  const seen = remembered?.verified.has(tag) ? remembered.variants.get(tag) : undefined;
  const variant = seen?.manifest.digest === locked.digest ? seen : await load(place, locked);
  const { identity, layerHash, layer } = variant;
  const differences = [
    ['framework', framework, identity.framework],
    ['name', locked.name, identity.name],
    ['version', locked.version, identity.version],
    ['layerHash', locked.layerHash, layerHash],
    ['size', String(locked.size), String(variant.manifest.size)],
    ['options', canonicalJson(locked.options), canonicalJson(identity.options)],
    ['layer', canonicalJson(blob(locked.layer)), canonicalJson(blob(layer))],
  ].filter(([, said, is]) => said !== is);
  if (differences.length === 0) return { ...variant, from: locked.from };
  throw new BunnyError(
    'BUNNY_ELOCKED',
    `bunny.lock contradicts the manifest that it pins for ${locked.name}`,
    {
      where: place.lockFile,
      details: differences.map(([key, said, is]) => `${key}: the lock says ${said}, the manifest ${is}`),
      hint: `undo the edit of bunny.lock, or run \`bunny update ${locked.name}\` to choose it again`,
      exitStatus: exitStatus.unsatisfiable,
    },
  );
}

async function load(place: PinnedPlace, locked: LockedComponent): Promise<Variant> {
  const { store, bases, framework, offline, signal, lockFile } = place;
  const sources = offline ? [] : bases.sources(locked.from, framework, locked.name);
  try {
    return await readPinned(store, { digest: locked.digest, size: locked.size }, sources, signal);
  } catch (cause) {
    const { code } = cause as { code?: unknown };
    if (code === 'BUNNY_EOFFLINE') {
      // A manifest that was read in another repository is the same.
      const known = await place.cache.variantOf(locked.digest);
      if (known !== undefined) return known;
      throw new BunnyError(
        'BUNNY_EOFFLINE',
        `the manifest of ${locked.name} ${locked.version} is not in the store, and nothing may be fetched`,
        {
          where: lockFile,
          details: [locked.digest],
          cause,
          hint: 'run `bunny fetch` where there is a network, or leave --offline out',
          exitStatus: exitStatus.registry,
        },
      );
    }
    if (code !== 'BUNNY_ENOTFOUND' && code !== 'BUNNY_ESIZE') throw cause;
    throw new BunnyError(
      'BUNNY_ELOCKED',
      `bunny.lock pins a manifest of ${locked.name} ${locked.version} that is not on ${locked.from}`,
      {
        where: lockFile,
        details: [locked.digest],
        cause,
        hint: `put it back there, or run \`bunny update ${locked.name}\` to choose it again`,
        exitStatus: exitStatus.unsatisfiable,
      },
    );
  }
}

function blob({ digest, size }: { digest: string; size: number }): { digest: string; size: number } {
  return { digest, size };
}
