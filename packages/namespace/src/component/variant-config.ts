import {
  type Descriptor,
  type Manifest,
  readBytes,
  type Target,
  type TransferOptions,
} from 'bunny-libos-oci';
import { type ComponentConfig, readComponentConfig } from 'bunny-libos-spec';
import { readManifest } from '../manifest/manifest.js';
import { type Variant, variantOfManifest } from './variant.js';

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
