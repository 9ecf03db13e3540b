import {
  byText,
  type CatalogEntry,
  type CatalogVersion,
  type ComponentConfig,
  type NameGroup,
  present,
  variantTag,
} from 'bunny-libos-spec';
import semver from 'semver';
import { newestOfLines } from '../component/compatible-versions.js';
import type { ComponentName } from '../component/repository.js';
import type { Variant } from '../component/variant.js';
import { definedNames, headerNames } from '../component/variant-config.js';
import { versionOfVariantTag } from '../component/variant-tag.js';
import { yankedVersions } from '../component/yank.js';

/** What a catalog entry is made from, beyond the identities of the variants. */
export interface EntrySources {
  /** Variant tag -> config: at least those of the newest version of each range. */
  configs: ReadonlyMap<string, ComponentConfig>;
  /** An earlier entry, whose versions are taken over where they have the same variants. */
  previous?: CatalogEntry | undefined;
  /** Versions that are withdrawn. */
  yanked?: ReadonlySet<string> | undefined;
}

/** Variants whose configs an entry needs: those of the newest versions that `previous` does not describe already. */
export function undescribedVariants(
  variants: readonly Variant[],
  { previous, yanked }: Pick<EntrySources, 'previous' | 'yanked'>,
): Variant[] {
  const byVersion = groupByVersion(variants);
  return newestUsable(byVersion.keys(), yanked).flatMap((version) => {
    const group = byVersion.get(version) ?? [];
    return describedAlready(previous, version, group)?.contents === undefined ? group : [];
  });
}

/** The catalog entry of a component with these variants, of which there is at least one. Pure. */
export function catalogEntry(
  { framework, name }: ComponentName,
  variants: readonly Variant[],
  { configs, previous, yanked }: EntrySources,
): CatalogEntry {
  const byVersion = groupByVersion(variants);
  const newest = newestUsable(byVersion.keys(), yanked);
  const versions = [...byVersion.keys()].sort(semver.rcompare).map((version): CatalogVersion => {
    const group = byVersion.get(version) ?? [];
    const before = describedAlready(previous, version, group);
    if (newest.includes(version)) {
      return before?.contents === undefined ? versionOf(version, group, configs) : before;
    }
    const old = versionOf(version, group, undefined);
    return yanked?.has(version) ? { ...old, yanked: true } : old;
  });
  return {
    schema: 'https://bunny-libos.github.io/schema/catalog/v1',
    framework,
    name,
    ...proseOf(newest[0] === undefined ? [] : (byVersion.get(newest[0]) ?? []), configs, previous),
    versions,
  };
}

/**
 * True where an entry holds just the variants that these tags of the component's repository name, knows which
 * versions are yanked, and describes the newest of the others.
 */
export function covers(entry: CatalogEntry, tags: readonly string[]): boolean {
  const variants = tags.filter((tag) => versionOfVariantTag(tag) !== undefined);
  const covered = entry.versions.flatMap((each) => each.variants.map(({ tag }) => tag));
  const described = entry.versions.filter(({ contents }) => contents !== undefined);
  const yanked = yankedVersions(tags);
  return (
    sameList(variants.sort(), covered.sort()) &&
    entry.versions.every((each) => (each.yanked ?? false) === yanked.has(each.version)) &&
    sameList(
      newestUsable(
        entry.versions.map(({ version }) => version),
        yanked,
      ),
      described.map(({ version }) => version),
    )
  );
}

/** The newest version of each range of compatible ones that is not withdrawn. */
function newestUsable(versions: Iterable<string>, yanked: ReadonlySet<string> | undefined): string[] {
  return newestOfLines([...versions].filter((version) => !yanked?.has(version)));
}

function versionOf(
  version: string,
  group: readonly Variant[],
  configs: EntrySources['configs'] | undefined,
): CatalogVersion {
  const described: CatalogVersion = {
    version,
    provides: group.reduce((all, { identity }) => Object.assign(all, identity.provides), {}),
    variants: group.map((variant) => ({
      tag: tagOf(variant),
      settings: variant.identity.settings,
      options: variant.identity.options,
    })),
  };
  const known = group.map((variant) => configs?.get(tagOf(variant)));
  if (known.length === 0 || !known.every((config) => config !== undefined)) return described;
  return {
    ...described,
    contents: {
      headers: groupNames(known.map(headerNames)),
      symbols: groupNames(known.map(definedNames)),
    },
  };
}

/** The description and licence of the newest version. */
function proseOf(
  group: readonly Variant[],
  configs: EntrySources['configs'],
  previous: CatalogEntry | undefined,
): Pick<CatalogEntry, 'description' | 'license'> {
  const [first] = group;
  const config = first === undefined ? undefined : configs.get(tagOf(first));
  const { description, license } = config ?? previous ?? {};
  return present({ description, license });
}

/** Puts names together that the same variants have. Position in `lists` -> names of that variant. */
function groupNames(lists: readonly Iterable<string>[]): NameGroup[] {
  const owners = new Map<string, number[]>();
  for (const [index, names] of lists.entries()) {
    for (const name of new Set(names)) {
      const variants = owners.get(name);
      if (variants === undefined) owners.set(name, [index]);
      else variants.push(index);
    }
  }
  const groups = new Map<string, { names: string[]; variants: number[] }>();
  for (const [name, variants] of owners) {
    const group = groups.get(variants.join()) ?? { names: [], variants };
    group.names.push(name);
    groups.set(variants.join(), group);
  }
  return [...groups]
    .sort(byText(([name]) => name))
    .map(([, { names, variants }]) =>
      present({ names: names.sort(), variants: variants.length === lists.length ? undefined : variants }),
    );
}

function describedAlready(
  entry: CatalogEntry | undefined,
  version: string,
  group: readonly Variant[],
): CatalogVersion | undefined {
  const found = entry?.versions.find((each) => each.version === version);
  const tags = found?.variants.map(({ tag }) => tag);
  return tags !== undefined && sameList(tags, group.map(tagOf)) ? found : undefined;
}

/** Version -> its variants, sorted by tag. */
function groupByVersion(variants: readonly Variant[]): Map<string, Variant[]> {
  const groups = new Map<string, Variant[]>();
  const byTag = [...variants].sort(byText(tagOf));
  for (const variant of byTag) {
    const { version } = variant.identity;
    groups.set(version, [...(groups.get(version) ?? []), variant]);
  }
  return groups;
}

function tagOf({ identity, layerHash }: Variant): string {
  return variantTag(identity.version, layerHash);
}

function sameList(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((each, index) => each === right[index]);
}
