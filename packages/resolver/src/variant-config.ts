import { readBytes, type Target, type TransferOptions } from '@bunny/oci';
import { type ComponentConfig, readComponentConfig } from '@bunny/spec';
import { readManifest } from './manifest.js';

/** The config of a variant by its tag or digest, in at most two requests. Undefined where it is gone. */
export async function readVariantConfig(
  target: Target,
  reference: string,
  transfer: TransferOptions = {},
): Promise<ComponentConfig | undefined> {
  const found = await target.fetchManifest(reference, transfer);
  if (found === undefined) return undefined;
  const where = `${target.name}:${reference}`;
  const manifest = readManifest(found.bytes, found.descriptor.mediaType, where);
  return readComponentConfig(await readBytes(target, manifest.config, undefined, transfer), where);
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
