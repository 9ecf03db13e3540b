import type { Store, Target, TransferOptions } from 'bunny-libos-oci';
import {
  BunnyError,
  type CatalogEntry,
  type ComponentConfig,
  isComponentName,
  mediaTypes,
  readCatalogEntry as parseCatalogEntry,
  variantTag,
} from 'bunny-libos-spec';
import type { MetadataCache } from '../component/metadata-cache.js';
import { type ComponentName, ComponentRepository } from '../component/repository.js';
import { readVariantConfig } from '../component/variant-config.js';
import { readManifest } from '../manifest/manifest.js';
import { catalogEntry, undescribedVariants } from './entry.js';

/**
 * What a catalog says of a component: one request, as long as the entry is small or was read before.
 * Undefined where it says nothing, or nothing that can be understood: a catalog is derived, so one that is
 * damaged or of a later format is as good as none.
 * Throws only what says that the registry cannot be reached, or that the command was cancelled.
 */
export async function readCatalogEntry(
  catalog: Target,
  component: ComponentName,
  store: Store,
  transfer: TransferOptions = {},
): Promise<CatalogEntry | undefined> {
  try {
    const found = await catalog.fetchManifest(component.name, transfer);
    if (found === undefined) return undefined;
    const where = `${catalog.name}:${component.name}`;
    const manifest = readManifest(found.bytes, found.descriptor.mediaType, where);
    const layer = manifest.layers.find(({ mediaType }) => mediaType === mediaTypes.catalogEntry);
    if (manifest.artifactType !== mediaTypes.catalog || layer === undefined) return undefined;
    const { signal } = transfer;
    const bytes = await store.load(layer, [catalog], { signal });
    const entry = parseCatalogEntry(bytes, where);
    return entry.framework === component.framework && entry.name === component.name ? entry : undefined;
  } catch (error) {
    return nothingUnlessUnreachable(error);
  }
}

/** The names that a catalog has, sorted: one request. Empty where there is none. Throws as `readCatalogEntry`. */
export async function readCatalogNames(catalog: Target, transfer: TransferOptions = {}): Promise<string[]> {
  try {
    return (await catalog.tags(transfer)).filter(isComponentName);
  } catch (error) {
    return nothingUnlessUnreachable(error) ?? [];
  }
}

export interface DeriveOptions extends TransferOptions {
  cache?: MetadataCache | undefined;
  /** Versions that it describes and that have not changed are taken from it. */
  previous?: CatalogEntry | undefined;
  /** Variant tag -> config, where it is known already. */
  configs?: ReadonlyMap<string, ComponentConfig> | undefined;
}

/**
 * The catalog entry of a component, derived from its variant and yank tags. Undefined where it has no variant.
 * Throws what reading metadata throws.
 */
export async function deriveCatalogEntry(
  target: Target,
  component: ComponentName,
  { cache, previous, configs: known, signal }: DeriveOptions = {},
): Promise<CatalogEntry | undefined> {
  const transfer = { signal };
  const repository = await ComponentRepository.open(target, component, {
    cache,
    ...transfer,
  });
  const variants = await repository.all();
  await repository.save();
  if (variants.length === 0) return undefined;
  const yanked = new Set(repository.versions.filter((version) => repository.isYanked(version)));
  const configs = new Map(known);
  await Promise.all(
    undescribedVariants(variants, { previous, yanked }).map(async ({ identity, layerHash }) => {
      const tag = variantTag(identity.version, layerHash);
      if (configs.has(tag)) return;
      const config = await readVariantConfig(target, tag, transfer);
      if (config !== undefined) configs.set(tag, config);
    }),
  );
  return catalogEntry(component, variants, { configs, previous, yanked });
}

const unreachable: ReadonlySet<string> = new Set(['BUNNY_ENETWORK', 'BUNNY_ETIMEOUT', 'BUNNY_EABORTED']);

function nothingUnlessUnreachable(error: unknown): undefined {
  const code = (error as { code?: unknown } | null)?.code;
  const isKnown = error instanceof BunnyError || (typeof code === 'string' && code.startsWith('BUNNY_E'));
  if (!isKnown || unreachable.has(String(code))) throw error;
  return undefined;
}
