import {
  type Bases,
  compatibleLine,
  MetadataCache,
  Namespace,
  openTooling,
  type PublishedTooling,
  readVariantDocuments,
  versionOfVariantTag,
} from 'bunny-libos-namespace';
import { formatReference, parseReference, type Store, type Target } from 'bunny-libos-oci';
import { componentsOfRules, type frameworkSeeds, readTooling, toolingVersions } from 'bunny-libos-resolver';
import {
  BunnyError,
  type ComponentConfig,
  type ComponentIdentity,
  exitStatus,
  type Options,
  type Settings,
  suggestion,
  toolingRepository,
} from 'bunny-libos-spec';
import semver from 'semver';
import { abiDifference, type SymbolUser, sameConfiguration } from './abi-compare.js';
import { usersOf } from './abi-users.js';
import { attachedTypes } from './attached-types.js';
import { compareTypes } from './compare-types.js';
import { isBaseComponent } from './compatibility.js';
import { publishedSubjects } from './published-subjects.js';

/** What two variants of one configuration define differently, and who uses what is gone. */
export interface VariantDifference {
  settings: Settings;
  options: Options;
  added: readonly string[];
  removed: readonly string[];
  /** Published components that may be linked with the later one and use what it lacks. */
  users: readonly SymbolUser[];
  /** What the comparison of types says against the later one, by lines. */
  types: readonly string[];
}

/** A version of a component. */
export interface ComparedVersion {
  component: string;
  version: string;
}

export interface AbiReport {
  before: ComparedVersion;
  after: ComparedVersion;
  /** Both are of one component and, by their numbers, `after` may stand wherever `before` is asked for. */
  claimsCompatible: boolean;
  /** Something is gone, or has another type. */
  breaking: boolean;
  /** One for each configuration that both have, in the order of the later one's tags. */
  variants: readonly VariantDifference[];
}

export interface CheckAbiOptions {
  store: Store;
  /** Opens base references. */
  basesFor: (base: string) => Bases;
  signal?: AbortSignal | undefined;
}

/** A reference to a version or variant of a component, taken apart. */
interface Place {
  base: string;
  framework: string;
  name: string;
  /** Version, variant tag or digest. */
  reference: string;
}

/**
 * Compares what two versions (`…/warren/libc:1.0.0`) or variants (by tag or digest) define, configuration by
 * configuration. Throws BUNNY_EREFERENCE, BUNNY_ENOTFOUND, and BUNNY_ECONFIGURATION where they have no
 * configuration in common.
 */
export async function checkAbi(before: string, after: string, options: CheckAbiOptions): Promise<AbiReport> {
  const [oldPlace, newPlace] = [placeOf(before), placeOf(after)];
  const [old, now] = await Promise.all([readAll(oldPlace, options), readAll(newPlace, options)]);
  const pairs = now.flatMap((after) => {
    const partner = sameConfiguration(after.identity, old);
    return partner === undefined ? [] : [{ before: partner, after }];
  });
  const [pair] = pairs;
  if (pair === undefined) {
    throw new BunnyError(
      'BUNNY_ECONFIGURATION',
      'no variant of one has the settings and options of another',
      {
        where: `${before}, ${after}`,
        hint: 'compare versions, or variants for the same architecture and platform',
        exitStatus: exitStatus.unsatisfiable,
      },
    );
  }
  const variants = await describePairs(pairs, newPlace, options);
  const [from, to] = [versionOf(pair.before), versionOf(pair.after)];
  return {
    before: from,
    after: to,
    claimsCompatible:
      from.component === to.component &&
      compatibleLine(from.version) === compatibleLine(to.version) &&
      semver.gte(to.version, from.version),
    breaking: variants.some(({ removed, types }) => removed.length > 0 || types.length > 0),
    variants,
  };
}

function versionOf({ identity }: Described): ComparedVersion {
  return { component: identity.name, version: identity.version };
}

async function describePairs(
  pairs: readonly { before: Described; after: Described }[],
  place: Place,
  { store, basesFor, signal }: CheckAbiOptions,
): Promise<VariantDifference[]> {
  const differences = await Promise.all(
    pairs.map(async ({ before, after }) => {
      const now = await after.types();
      return {
        after,
        isSame: before.identity.name === after.identity.name,
        ...abiDifference(before.config, after.config),
        types: { before: now.length === 0 ? [] : await before.types(), after: now },
      };
    }),
  );
  const lacksSymbols = differences.some(({ removed }) => removed.length > 0);
  const hasTypes = differences.some(({ types }) => types.before.length > 0);
  const bases = basesFor(place.base);
  const here = { store, bases, framework: place.framework, signal };
  const namespace = new Namespace({ ...here, cache: MetadataCache.of(store) });
  const tooling = lacksSymbols || hasTypes ? await newestOn(here, place.base) : undefined;
  const rules = tooling?.document.rules;
  const names = lacksSymbols
    ? [...(await namespace.names()), ...(rules === undefined ? [] : componentsOfRules(rules))]
    : [];
  const dependents = await publishedSubjects(names, namespace, bases, signal);
  const openRoot = async ({ locked }: PublishedTooling) => {
    const target = bases.repository(place.base, place.framework, toolingRepository);
    return (await openTooling(store, locked, [target], { signal })).root;
  };
  return await Promise.all(
    differences.map(
      async ({ after: { identity }, isSame, added, removed, types }): Promise<VariantDifference> => {
        // Who does not ask for another component of the base did not mean it either.
        const isBase = isSame && rules !== undefined && isBaseComponent({ identity }, rules);
        const users = removed.length === 0 ? [] : await usersOf(removed, identity, isBase, dependents);
        const comparison = tooling && {
          rules: tooling.document.rules,
          openRoot: () => openRoot(tooling),
          signal,
        };
        return {
          settings: identity.settings,
          options: identity.options,
          added,
          removed,
          users,
          types:
            comparison === undefined
              ? []
              : await compareTypes(identity, types.before, types.after, comparison),
        };
      },
    ),
  );
}

async function newestOn(
  here: Parameters<typeof frameworkSeeds>[0],
  base: string,
): Promise<PublishedTooling | undefined> {
  const [newest] = await toolingVersions(here, base);
  return newest === undefined ? undefined : await readTooling(here, base, newest);
}

/** A variant that is compared. */
interface Described {
  identity: ComponentIdentity;
  config: ComponentConfig;
  types: () => Promise<readonly string[]>;
}

/** All variants that a reference stands for, in the order of their tags. */
async function readAll(place: Place, { basesFor, signal }: CheckAbiOptions): Promise<Described[]> {
  const target = basesFor(place.base).repository(place.base, place.framework, place.name);
  const transfer = { signal };
  const tags = semver.valid(place.reference) === null ? undefined : await target.tags(transfer);
  const references = tags?.filter((tag) => versionOfVariantTag(tag) === place.reference) ?? [place.reference];
  const read = await Promise.all(
    references.map((reference) => readVariantDocuments(target, reference, transfer)),
  );
  const found = read.filter((each) => each !== undefined);
  if (found.length > 0) {
    return found.map(({ config, descriptor }) => ({
      identity: config.identity,
      config,
      types: () => attachedTypes(target, descriptor, transfer),
    }));
  }
  throw await notFound(target, place.reference, tags ?? (await target.tags(transfer)));
}

async function notFound(target: Target, reference: string, tags: readonly string[]): Promise<BunnyError> {
  const versions = [...new Set(tags.flatMap((tag) => versionOfVariantTag(tag) ?? []))].sort(semver.rcompare);
  const near = suggestion(reference, versions);
  return new BunnyError('BUNNY_ENOTFOUND', `there is no version or variant ${reference}`, {
    where: target.name,
    hint:
      near ?? (versions.length === 0 ? 'nothing is published there' : `published: ${versions.join(', ')}`),
    exitStatus: exitStatus.unsatisfiable,
  });
}

function placeOf(text: string): Place {
  const { tag, digest, ...reference } = parseReference(text);
  const parts = reference.path.split('/');
  const [name, framework] = [parts.pop(), parts.pop()];
  const wanted = digest ?? tag;
  const isWhole =
    wanted !== undefined &&
    name !== undefined &&
    framework !== undefined &&
    (reference.kind === 'layout' || parts.length > 0);
  if (isWhole) {
    const base = formatReference({ ...reference, path: parts.join('/') });
    return { base, framework, name, reference: wanted };
  }
  throw new BunnyError('BUNNY_EREFERENCE', `${text} names no version or variant of a component`, {
    where: text,
    hint: 'write host/namespace/FRAMEWORK/COMPONENT:VERSION, or oci:DIR:FRAMEWORK/COMPONENT:VERSION',
    exitStatus: exitStatus.usage,
  });
}
