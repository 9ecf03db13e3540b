import {
  packManifest,
  pushBytes,
  type Store,
  type Target,
  type TransferOptions,
  writeUntilComplete,
} from 'bunny-libos-oci';
import {
  BunnyError,
  type CatalogEntry,
  type ComponentConfig,
  canonicalJson,
  catalogRepository,
  exitStatus,
  mediaTypes,
  present,
} from 'bunny-libos-spec';
import { MetadataCache } from '../component/metadata-cache.js';
import { versionOfVariantTag } from '../component/variant-tag.js';
import type { Bases } from '../source/bases.js';
import { covers } from './entry.js';
import { deriveCatalogEntry, readCatalogEntry, readCatalogNames } from './repository.js';

/** An entry of up to this size (bytes) is inlined in its manifest, so that one request brings it. */
const inlineLimit = 128 * 1024;

/** Where a catalog and the components that it is about are. */
export interface CatalogPlace {
  framework: string;
  /** Base reference. */
  to: string;
  bases: Bases;
  store: Store;
  signal?: AbortSignal | undefined;
}

/**
 * Brings the catalog's entry of a component up to date with its variant and yank tags, which are the truth,
 * whoever else writes it. `configs` (variant tag -> config) saves asking for them;
 * `anew` takes nothing over from the entry that is there.
 * False where the component has no variant. Throws BUNNY_ECATALOG where others keep overwriting the entry.
 */
export async function updateCatalogEntry(
  place: CatalogPlace,
  name: string,
  options: { configs?: ReadonlyMap<string, ComponentConfig>; anew?: boolean } = {},
): Promise<boolean> {
  const { bases, framework, store, to } = place;
  const transfer = transferOf(place);
  const component = { framework, name };
  const target = bases.repository(to, framework, name);
  const catalog = bases.repository(to, framework, catalogRepository);
  let exists = true;
  await writeUntilComplete({
    look: async (round) => {
      const tags = await target.tags(transfer);
      exists = tags.some((tag) => versionOfVariantTag(tag) !== undefined);
      if (!exists) return undefined;
      const current = await readCatalogEntry(catalog, component, store, transfer);
      const isTrusted = round > 0 || options.anew !== true;
      if (isTrusted && current !== undefined && covers(current, tags)) return undefined;
      const entry = await deriveCatalogEntry(target, component, {
        ...transfer,
        cache: MetadataCache.of(store),
        configs: options.configs,
        previous: isTrusted ? current : undefined,
      });
      exists = entry !== undefined;
      return entry;
    },
    write: (entry) => writeEntry(catalog, entry, transfer),
    giveUp: () =>
      new BunnyError('BUNNY_ECATALOG', `the catalog entry of ${name} is being changed by other publishers`, {
        where: `${catalog.name}:${name}`,
        hint: 'all variants are published; run `bunny catalog rebuild` when they are done',
        exitStatus: exitStatus.registry,
      }),
  });
  return exists;
}

/** What was done to a catalog. */
export interface CatalogUpdate {
  /** Components that it has now, sorted. */
  components: readonly string[];
  /** Entries that were taken out because nothing is published under their names any more. */
  removed: readonly string[];
  /** Entries that should have been taken out, and that the registry does not let go. */
  left: readonly string[];
}

/**
 * Derives the catalog of a framework anew: an entry for each of the components named and those it has
 * already. Throws as `updateCatalogEntry` does.
 */
export async function updateCatalog(place: CatalogPlace, names: readonly string[]): Promise<CatalogUpdate> {
  const catalog = place.bases.repository(place.to, place.framework, catalogRepository);
  const listed = await readCatalogNames(catalog, transferOf(place));
  const all = [...new Set([...names, ...listed])].sort();
  const exists = await Promise.all(all.map((name) => updateCatalogEntry(place, name, { anew: true })));
  const gone = all.filter((name, index) => exists[index] === false && listed.includes(name));
  const left: string[] = [];
  for (const name of gone) if (!(await remove(catalog, name, place))) left.push(name);
  return {
    components: all.filter((_, index) => exists[index]),
    removed: gone.filter((name) => !left.includes(name)),
    left,
  };
}

/** False where the registry does not allow it. */
async function remove(catalog: Target, name: string, place: CatalogPlace): Promise<boolean> {
  try {
    await catalog.delete(name, transferOf(place));
    return true;
  } catch (error) {
    const code = (error as { code?: unknown }).code;
    if (code === 'BUNNY_EUNSUPPORTED' || code === 'BUNNY_EDENIED' || code === 'BUNNY_EREGISTRY') return false;
    throw error;
  }
}

/** Pushes an entry as an artifact that any OCI client can pull, and points the component's tag at it. */
async function writeEntry(catalog: Target, entry: CatalogEntry, transfer: TransferOptions): Promise<void> {
  const bytes = Buffer.from(canonicalJson(entry));
  const layer = await pushBytes(catalog, mediaTypes.catalogEntry, bytes, {}, transfer);
  const manifest = await packManifest(
    catalog,
    {
      artifactType: mediaTypes.catalog,
      layers: [
        present({
          ...layer,
          data: bytes.length <= inlineLimit ? bytes.toString('base64') : undefined,
          annotations: { 'org.opencontainers.image.title': `${entry.name}.json` },
        }),
      ],
    },
    transfer,
  );
  await catalog.tag(manifest, entry.name, transfer);
}

function transferOf({ signal }: CatalogPlace): TransferOptions {
  return { signal };
}

/**
 * Keeps the catalog current after a publication: entries of the components that were `pushed`, and of others
 * that are published and that the catalog lacks. Returns warnings: a catalog is derived, so failing to write
 * it does not undo a publication.
 */
export async function keepCatalogCurrent(
  place: CatalogPlace,
  published: ReadonlySet<string>,
  pushed: ReadonlySet<string>,
  configs: ReadonlyMap<string, ComponentConfig>,
): Promise<string[]> {
  return warnedOf(place, async () => {
    const listed = await listedIn(place);
    const names = [...published].filter((name) => pushed.has(name) || !listed.has(name)).sort();
    await Promise.all(names.map((name) => updateCatalogEntry(place, name, { configs })));
  });
}

/**
 * The same after a version was yanked or restored. A catalog that lacks the component is left alone: with an entry for
 * it alone, it would look whole.
 */
export async function keepYanksCurrent(place: CatalogPlace, name: string): Promise<string[]> {
  return warnedOf(place, async () => {
    if ((await listedIn(place)).has(name)) await updateCatalogEntry(place, name);
  });
}

async function listedIn(place: CatalogPlace): Promise<Set<string>> {
  const catalog = place.bases.repository(place.to, place.framework, catalogRepository);
  return new Set(await readCatalogNames(catalog, transferOf(place)));
}

async function warnedOf(place: CatalogPlace, write: () => Promise<void>): Promise<string[]> {
  try {
    await write();
    return [];
  } catch (error) {
    if (place.signal?.aborted) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    return [
      `the catalog of ${place.framework} could not be brought up to date: ${reason}; ` +
        'run `bunny catalog rebuild` when that is fixed',
    ];
  }
}
