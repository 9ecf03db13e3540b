import {
  type Descriptor,
  type Manifest,
  manifestType,
  Pool,
  readBytes,
  type Store,
  type StoreOptions,
  type Target,
  type TransferOptions,
} from 'bunny-libos-oci';
import { type ComponentConfig, type LockedComponent, readComponentConfig } from 'bunny-libos-spec';
import { readManifest } from '../manifest/manifest.js';
import { type Variant, variantOfManifest } from './variant.js';

/** Variants that are read at the same time. */
const atOnce = 16;

/** What a registry has of a variant beside its layer. */
export interface VariantDocuments {
  descriptor: Descriptor;
  manifest: Manifest;
  config: ComponentConfig;
  /** The reference of the manifest, for messages. */
  where: string;
}

/** The manifest and config of a variant by its tag or digest, in at most two requests. Undefined where it is gone. */
export async function readVariantDocuments(
  target: Target,
  reference: string,
  transfer: TransferOptions = {},
): Promise<VariantDocuments | undefined> {
  const found = await target.fetchManifest(reference, transfer);
  if (found === undefined) return undefined;
  const { descriptor, bytes } = found;
  const where = `${target.name}${reference.includes(':') ? '@' : ':'}${reference}`;
  const manifest = readManifest(bytes, descriptor.mediaType, where);
  const config = readComponentConfig(await readBytes(target, manifest.config, undefined, transfer), where);
  return { descriptor, manifest, config, where };
}

/** Reads one variant by its tag or digest from its manifest and config. Undefined where there is none. */
export async function readVariant(
  target: Target,
  reference: string,
  transfer: TransferOptions = {},
): Promise<Variant | undefined> {
  const found = await readVariantDocuments(target, reference, transfer);
  return found && variantOfManifest(found.descriptor, found.manifest, found.config, found.where);
}

/** The config alone. */
export async function readVariantConfig(
  target: Target,
  reference: string,
  transfer: TransferOptions = {},
): Promise<ComponentConfig | undefined> {
  return (await readVariantDocuments(target, reference, transfer))?.config;
}

/**
 * The config of a variant that a lock pins, by way of the store: what was read once is not asked for again. Throws
 * BUNNY_EMETADATA, and what the store throws.
 */
export async function pinnedConfig(
  store: Store,
  { name, digest, size }: Pick<LockedComponent, 'name' | 'digest' | 'size'>,
  sources: readonly Target[],
  options: StoreOptions = {},
): Promise<ComponentConfig> {
  const where = `${sources[0]?.name ?? name}@${digest}`;
  const bytes = await store.load({ mediaType: manifestType, digest, size }, sources, options);
  const manifest = readManifest(bytes, manifestType, where);
  return readComponentConfig(await store.load(manifest.config, sources, options), where);
}

/** Those of many, in their order: a request each for what was never read, some at the same time. Throws as `pinnedConfig`. */
export function pinnedConfigs(
  store: Store,
  components: readonly LockedComponent[],
  sources: (from: string, name: string) => readonly Target[],
  options: StoreOptions = {},
): Promise<{ component: LockedComponent; config: ComponentConfig }[]> {
  const pool = new Pool(atOnce);
  const read = async (component: LockedComponent) => {
    const from = sources(component.from, component.name);
    return { component, config: await pinnedConfig(store, component, from, options) };
  };
  return Promise.all(components.map((component) => pool.run(() => read(component))));
}

/** Everything that a variant defines for others, by its objects and its linker scripts. */
export function definedNames(config: Pick<ComponentConfig, 'objects' | 'scripts'>): Set<string> {
  return new Set([...config.objects, ...config.scripts].flatMap(({ defined }) => defined));
}

/** Everything that the objects of a variant use and do not define among themselves. */
export function neededNames(config: Pick<ComponentConfig, 'objects' | 'scripts'>): Set<string> {
  const defined = definedNames(config);
  const used = config.objects.flatMap((object) => object.undefined);
  return new Set(used.filter((symbol) => !defined.has(symbol)));
}

/** Public headers as they are included: `warren/time.h`. */
export function headerNames(config: Pick<ComponentConfig, 'headers'>): string[] {
  return config.headers.map(({ path }) => path.replace(/^include\//, ''));
}
