import { readBytes, type Target } from '@bunny/oci';
import { BunnyError, exitStatus, readComponentConfig, variantTag } from '@bunny/spec';
import semver from 'semver';
import { readIndex, readManifest } from './manifest.js';
import type { MetadataCache } from './metadata-cache.js';
import { type Variant, variantOfIndexEntry, variantOfManifest } from './variant.js';

const variantTagPattern = /^(.+)_([0-9a-f]{16})$/;

export interface ComponentName {
  framework: string;
  name: string;
}

/** The version that a variant tag belongs to. Undefined for any other tag. */
export function versionOfVariantTag(tag: string): string | undefined {
  const version = variantTagPattern.exec(tag)?.[1];
  return version !== undefined && semver.valid(version) === version ? version : undefined;
}

/**
 * Every variant of one component on one target. The variant tags are the truth; the index of a version
 * only saves requests, so a variant that the index lacks is read from its own manifest. With `cache`,
 * variants seen before cost nothing but the list of tags.
 *
 * Undefined where the repository holds no variant. Offline, what was last seen.
 */
export async function readVariants(
  target: Target,
  component: ComponentName,
  options: { cache?: MetadataCache; offline?: boolean; signal?: AbortSignal } = {},
): Promise<Variant[] | undefined> {
  const { cache, signal } = options;
  const seen = await cache?.read(target.name);
  if (options.offline) return seen && seen.tags.length > 0 ? [...seen.variants.values()] : undefined;

  const transfer = signal === undefined ? {} : { signal };
  const tags = await target.tags(transfer);
  const byVersion = groupByVersion(tags);
  if (byVersion.size === 0) return undefined;

  const variants = new Map<string, Variant>();
  const add = (tag: string, variant: Variant) => {
    requirePlace(variant, component, tag, `${target.name}:${tag}`);
    variants.set(tag, variant);
  };
  let learned = false;
  await Promise.all(
    [...byVersion].map(async ([version, wanted]) => {
      const unknown = wanted.filter((tag) => !seen?.variants.has(tag));
      for (const tag of wanted) {
        const known = seen?.variants.get(tag);
        if (known !== undefined) add(tag, known);
      }
      if (unknown.length === 0) return;
      learned = true;
      const indexed = tags.includes(version) ? await readVersionIndex(target, version, transfer) : new Map();
      await Promise.all(
        unknown.map(async (tag) => {
          const variant = indexed.get(tag) ?? (await readVariant(target, tag, transfer));
          if (variant !== undefined) add(tag, variant);
        }),
      );
    }),
  );
  if (cache !== undefined && (learned || seen?.tags.length !== tags.length)) {
    await cache.write(target.name, { tags, variants });
  }
  return [...variants.values()];
}

/** Reads one variant by its tag from its manifest and config. Undefined where the tag is gone. */
export async function readVariant(
  target: Target,
  tag: string,
  transfer: { signal?: AbortSignal } = {},
): Promise<Variant | undefined> {
  const found = await target.fetchManifest(tag, transfer);
  if (found === undefined) return undefined;
  const where = `${target.name}:${tag}`;
  const manifest = readManifest(found.bytes, found.descriptor.mediaType, where);
  const config = readComponentConfig(await readBytes(target, manifest.config, undefined, transfer), where);
  return variantOfManifest(found.descriptor, manifest, config, where);
}

async function readVersionIndex(
  target: Target,
  version: string,
  transfer: { signal?: AbortSignal },
): Promise<Map<string, Variant>> {
  const found = await target.fetchManifest(version, transfer);
  const variants = new Map<string, Variant>();
  if (found === undefined) return variants;
  const where = `${target.name}:${version}`;
  for (const entry of readIndex(found.bytes, found.descriptor.mediaType, where).manifests) {
    const variant = variantOfIndexEntry(entry, where);
    if (variant === undefined) continue;
    variants.set(variantTag(variant.identity.version, variant.layerHash), variant);
  }
  return variants;
}

function groupByVersion(tags: readonly string[]): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const tag of tags) {
    const version = versionOfVariantTag(tag);
    if (version === undefined) continue;
    const group = groups.get(version);
    if (group === undefined) groups.set(version, [tag]);
    else group.push(tag);
  }
  return groups;
}

function requirePlace(variant: Variant, component: ComponentName, tag: string, where: string): void {
  const { framework, name, version } = variant.identity;
  const fits =
    framework === component.framework &&
    name === component.name &&
    variantTag(version, variant.layerHash) === tag;
  if (!fits) throw misplaced(where, variant);
}

function misplaced(where: string, variant: Variant): BunnyError {
  const { name, version } = variant.identity;
  return new BunnyError(
    'BUNNY_EMETADATA',
    `this tag holds another variant: ${name} ${version}, ${variant.layerHash}`,
    {
      where,
      hint: 'the registry was altered: do not use it; ask whoever publishes there',
      exitStatus: exitStatus.registry,
    },
  );
}
