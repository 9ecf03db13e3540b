import { OnceMap, type Target } from 'bunny-libos-oci';
import { BunnyError, exitStatus, variantTag } from 'bunny-libos-spec';
import semver from 'semver';
import {
  type Deprecation,
  isDeprecatedBy,
  lastDeprecations,
  readDeprecation,
  unknownReason,
} from './deprecation.js';
import { type IndexedVersion, readIndexedVersion, unindexed } from './indexed-version.js';
import type { MetadataCache, SeenRepository } from './metadata-cache.js';
import { readStatements, versionOfStatementTag } from './statements.js';
import type { Variant } from './variant.js';
import { readVariant } from './variant-config.js';
import { versionOfVariantTag } from './variant-tag.js';
import { yankedVersions } from './yank.js';

export interface ComponentName {
  framework: string;
  name: string;
}

export interface ReadOptions {
  cache?: MetadataCache | undefined;
  /** Nothing but what the cache remembers. */
  offline?: boolean | undefined;
  signal?: AbortSignal | undefined;
}

/**
 * One component on one target: the versions that its tags name, and the variants of each, read when they
 * are asked for. The variant tags are the truth; the index of a version only saves requests, so a variant
 * that the index lacks is read from its own manifest. With a cache, a variant that was seen before costs
 * nothing: it is immutable.
 */
export class ComponentRepository {
  /** Newest first. Empty where the repository holds no variant. */
  readonly versions: readonly string[];
  readonly #target: Target;
  readonly #component: ComponentName;
  readonly #options: ReadOptions;
  readonly #tags: readonly string[];
  readonly #byVersion: ReadonlyMap<string, readonly string[]>;
  readonly #yanked: ReadonlySet<string>;
  /** Version -> number of the mark that is in force. */
  readonly #deprecations: ReadonlyMap<string, number>;
  /** Reasons that were read in this run, by version. */
  readonly #deprecated = new Map<string, Deprecation>();
  readonly #seen: SeenRepository | undefined;
  readonly #variants = new OnceMap<string, readonly Variant[]>();
  readonly #learned = new Map<string, Variant>();
  readonly #indexes = new OnceMap<string, IndexedVersion>();
  readonly #statements = new OnceMap<string, ReadonlyMap<string, string>>();
  /** Statements that were read in this run, by their tags. */
  readonly #stated = new Map<string, string>();
  /** Variant tags whose manifests were read in this run. */
  readonly #verified = new Set<string>();
  /** The same, under way: several targets often choose one variant. */
  readonly #verifying = new OnceMap<string, void>();

  /** Lists the tags: one request. Throws BUNNY_EOFFLINE where that is not allowed and nothing is remembered. */
  static async open(
    target: Target,
    component: ComponentName,
    options: ReadOptions = {},
  ): Promise<ComponentRepository> {
    const { cache, offline, signal } = options;
    const seen = await cache?.read(target.name);
    if (!offline) {
      const tags = await target.tags({ signal });
      return new ComponentRepository(target, component, options, tags, seen);
    }
    if (seen === undefined) {
      throw new BunnyError('BUNNY_EOFFLINE', `nothing is known of ${component.name} on ${target.name}`, {
        where: target.name,
        hint: 'run the same command once without --offline',
        exitStatus: exitStatus.registry,
      });
    }
    return new ComponentRepository(target, component, options, seen.tags, seen);
  }

  private constructor(
    target: Target,
    component: ComponentName,
    options: ReadOptions,
    tags: readonly string[],
    seen: SeenRepository | undefined,
  ) {
    this.#target = target;
    this.#component = component;
    this.#options = options;
    this.#tags = tags;
    this.#seen = seen;
    this.#byVersion = groupByVersion(tags);
    this.#yanked = yankedVersions(tags);
    this.#deprecations = lastDeprecations(tags);
    this.versions = [...this.#byVersion.keys()].sort(semver.rcompare);
  }

  has(variantTag: string): boolean {
    return this.#tags.includes(variantTag);
  }

  isYanked(version: string): boolean {
    return this.#yanked.has(version);
  }

  /**
   * Why a version is deprecated; undefined where it is not. No request where it is not, where the index of the version was
   * read in this run, or where that was seen before.
   */
  async deprecation(version: string): Promise<string | undefined> {
    const number = this.#deprecations.get(version);
    if (!isDeprecatedBy(number)) return undefined;
    const seen = this.#seen?.deprecations.get(version);
    if (seen?.number === number) return seen?.reason;
    const { offline } = this.#options;
    if (offline) return unknownReason;
    const { deprecation: indexed } = await this.#index(version);
    const found = await readDeprecation(this.#target, this.#tags, version, indexed, this.#transfer);
    if (found !== undefined) this.#deprecated.set(version, found);
    return found?.reason;
  }

  /**
   * The variants of one version: one request, for its index. Offline, those that were seen.
   * Throws BUNNY_EMETADATA where they are not what their tags say.
   */
  variants(version: string): Promise<readonly Variant[]> {
    return this.#variants.get(version, () => this.#read(version));
  }

  /**
   * The signed statements about the variants of one version, by their tags: nothing of them is verified. They come with
   * the variants: no request where the index was read, or all were seen before.
   */
  statements(version: string): Promise<ReadonlyMap<string, string>> {
    return this.#statements.get(version, () => this.#readStatements(version));
  }

  /** All tags: of versions, variants, statements and yanks. */
  get tags(): readonly string[] {
    return this.#tags;
  }

  /** The variants of every version. */
  async all(): Promise<Variant[]> {
    return (await Promise.all(this.versions.map((version) => this.variants(version)))).flat();
  }

  /**
   * Checks what an index says of a variant against its manifest and config, so that a lock pins only what
   * the manifest itself names: one request, once for all runs that share a cache. Throws BUNNY_EMETADATA
   * where they differ, BUNNY_ENOTFOUND where there is no such manifest, BUNNY_EOFFLINE.
   */
  async verify(variant: Variant): Promise<void> {
    const tag = variantTag(variant.identity.version, variant.layerHash);
    if (this.#verified.has(tag) || this.#seen?.verified.has(tag)) return;
    await this.#verifying.get(tag, () => this.#compare(variant));
    this.#verified.add(tag);
  }

  /** Remembers what was learnt. */
  async save(): Promise<void> {
    const { cache, offline } = this.#options;
    if (cache === undefined || offline) return;
    const before = this.#seen;
    const same = before !== undefined && sameTags(before.tags, this.#tags);
    const learned = [this.#learned, this.#verified, this.#stated, this.#deprecated];
    if (same && learned.every(({ size }) => size === 0)) return;
    const known = new Map<string, Variant>();
    for (const tag of this.#tags) {
      const variant = this.#learned.get(tag) ?? before?.variants.get(tag);
      if (variant !== undefined) known.set(tag, variant);
    }
    const verified = new Set(
      [...(before?.verified ?? []), ...this.#verified].filter((tag) => known.has(tag)),
    );
    const statements = new Map([...(before?.statements ?? []), ...this.#stated]);
    const deprecations = new Map([...(before?.deprecations ?? []), ...this.#deprecated]);
    const seen = { tags: this.#tags, variants: known, verified, statements, deprecations };
    await cache.write(this.#target.name, seen);
  }

  async #compare(variant: Variant): Promise<void> {
    const { name, version } = variant.identity;
    const where = `${this.#target.name}@${variant.manifest.digest}`;
    if (this.#options.offline) {
      throw new BunnyError('BUNNY_EOFFLINE', `${name} ${version} was never compared with its manifest`, {
        where,
        hint: 'run the same command once without --offline',
        exitStatus: exitStatus.registry,
      });
    }
    const actual = await readVariant(this.#target, variant.manifest.digest, this.#transfer);
    if (actual === undefined) {
      throw new BunnyError('BUNNY_ENOTFOUND', `the manifest of ${name} ${version} is not on the registry`, {
        where,
        hint: 'run `bunny index rebuild` on the component, or publish it again',
        exitStatus: exitStatus.registry,
      });
    }
    const same =
      actual.layerHash === variant.layerHash &&
      actual.abi === variant.abi &&
      actual.layer.digest === variant.layer.digest &&
      actual.layer.size === variant.layer.size &&
      actual.manifest.size === variant.manifest.size;
    if (!same) {
      throw new BunnyError(
        'BUNNY_EMETADATA',
        `the index entry of ${name} ${version} contradicts its manifest`,
        {
          where,
          hint: 'run `bunny index rebuild` on the component, or ask whoever publishes there',
          exitStatus: exitStatus.registry,
        },
      );
    }
  }

  async #read(version: string): Promise<readonly Variant[]> {
    const { offline } = this.#options;
    const tags = this.#byVersion.get(version) ?? [];
    const found = new Map<string, Variant>();
    for (const tag of tags) {
      const known = this.#seen?.variants.get(tag);
      if (known !== undefined) found.set(tag, known);
    }
    const unknown = tags.filter((tag) => !found.has(tag));
    if (unknown.length > 0 && !offline) {
      const { variants: indexed } = await this.#index(version);
      await Promise.all(
        unknown.map(async (tag) => {
          const variant = indexed.get(tag) ?? (await readVariant(this.#target, tag, this.#transfer));
          if (variant === undefined) return;
          this.#requirePlace(variant, tag);
          found.set(tag, variant);
          this.#learned.set(tag, variant);
        }),
      );
    }
    return tags.flatMap((tag) => found.get(tag) ?? []);
  }

  async #readStatements(version: string): Promise<ReadonlyMap<string, string>> {
    const known = new Map(
      [...(this.#seen?.statements ?? [])].filter(([tag]) => versionOfStatementTag(tag) === version),
    );
    const listed = this.#tags.filter((tag) => versionOfStatementTag(tag) === version);
    const isKnown = listed.every((tag) => known.has(tag));
    if (this.#options.offline || (isKnown && !this.#indexes.has(version))) return known;
    const { statements: indexed } = await this.#index(version);
    const found = new Map([...known, ...indexed]);
    for (const [tag, text] of await readStatements(this.#target, listed, version, found, this.#transfer)) {
      found.set(tag, text);
    }
    for (const [tag, text] of found) if (!known.has(tag)) this.#stated.set(tag, text);
    return found;
  }

  #index(version: string): Promise<IndexedVersion> {
    return this.#indexes.get(version, async () =>
      this.#tags.includes(version) ? readIndexedVersion(this.#target, version, this.#transfer) : unindexed,
    );
  }

  get #transfer(): { signal?: AbortSignal | undefined } {
    const { signal } = this.#options;
    return { signal };
  }

  #requirePlace(variant: Variant, tag: string): void {
    const { framework, name, version } = variant.identity;
    const fits =
      framework === this.#component.framework &&
      name === this.#component.name &&
      variantTag(version, variant.layerHash) === tag;
    if (fits) return;
    throw new BunnyError(
      'BUNNY_EMETADATA',
      `this tag holds another variant: ${framework}/${name} ${version}, ${variant.layerHash}`,
      {
        where: `${this.#target.name}:${tag}`,
        hint: 'the registry was tampered with: do not use it; ask whoever publishes there',
        exitStatus: exitStatus.registry,
      },
    );
  }
}

/** Every variant of one component on one target. Undefined where the repository holds no variant. */
export async function readVariants(
  target: Target,
  component: ComponentName,
  options: ReadOptions = {},
): Promise<Variant[] | undefined> {
  const repository = await ComponentRepository.open(target, component, options);
  if (repository.versions.length === 0) return undefined;
  const variants = await repository.all();
  await repository.save();
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

function sameTags(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((tag, index) => tag === right[index]);
}
