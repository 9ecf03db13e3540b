import type { Store } from '@bunny/oci';
import { type Root, solve } from '@bunny/solver';
import {
  BunnyError,
  type Bunnyfile,
  type Document,
  exitStatus,
  type Lock,
  type LockedComponent,
  type LockedTarget,
  type TargetName,
  type ToolingRules,
} from '@bunny/spec';
import type { Bases } from './bases.js';
import { MetadataCache } from './metadata-cache.js';
import { RegistryUniverse, unsatisfiable } from './registry-universe.js';
import {
  requestFingerprint,
  sameTarget,
  staleness,
  type TargetFilter,
  targetLabel,
  wantedTargets,
} from './request.js';
import { requireOptionsExist } from './required-options.js';
import { closureRoot } from './root.js';
import { chooseTooling, lockedRules, type PublishedTooling } from './tooling-repository.js';
import { verifyVariant } from './verify-variant.js';

export interface ResolveOptions {
  bunnyfile: Document<Bunnyfile>;
  /** Path of the Bunnyfile, for messages. */
  file: string;
  /** The lock that is there already: kept wherever the request allows. */
  previous: Lock | undefined;
  bases: Bases;
  store: Store;
  filter: TargetFilter;
  /** Components that an app in these languages needs beyond those it names: name -> range. */
  implied?: Readonly<Record<string, string>>;
  /** Fail where the lock would change. */
  frozen?: boolean;
  /** Use only what was seen before. */
  offline?: boolean;
  strategy?: 'highest' | 'lowest';
  signal?: AbortSignal;
}

export interface Resolution {
  lock: Lock;
  /** The targets that were asked for, in the order of the lock. */
  wanted: readonly LockedTarget[];
  changed: boolean;
}

/**
 * Answers a Bunnyfile with a lock. A previous lock that still answers it comes back as it is, without
 * the network. Throws BUNNY_EFROZEN, BUNNY_ELOCKFOREIGN, BUNNY_ENOSOLUTION, BUNNY_ETARGET and what the
 * registry throws.
 */
export async function resolve(options: ResolveOptions): Promise<Resolution> {
  const { previous, file } = options;
  const bunnyfile = options.bunnyfile.value;
  if (previous !== undefined) {
    const known = await lockedTargetNames(options, previous);
    const wanted = wantedTargets(bunnyfile, options.filter, known);
    const state = staleness(previous, bunnyfile, wanted);
    if (!state.stale && wanted.length > 0)
      return { lock: previous, wanted: pick(previous, wanted), changed: false };
    if (state.stale && state.reason === 'framework') throw foreign(previous, bunnyfile, file);
    if (options.frozen) throw frozen(state, file);
  } else if (options.frozen) {
    throw new BunnyError('BUNNY_EFROZEN', 'there is no bunny.lock', {
      where: file,
      hint: 'run `bunny resolve` and commit bunny.lock',
      exitStatus: exitStatus.unsatisfiable,
    });
  }
  return solveTargets(options);
}

async function solveTargets(options: ResolveOptions): Promise<Resolution> {
  const { previous, file, bases, store, filter, signal, offline } = options;
  const bunnyfile = options.bunnyfile.value;
  const tooling = await chooseTooling(options);
  const { rules } = tooling.document;
  const wanted = wantedTargets(bunnyfile, filter, rules.targets);
  requireTargets(wanted, options, rules);

  const universe = new RegistryUniverse({
    bases,
    framework: bunnyfile.framework,
    rules,
    tooling: tooling.locked.layerHash,
    required: bunnyfile.options,
    cache: MetadataCache.of(store),
    ...(offline === undefined ? {} : { offline }),
    ...(signal === undefined ? {} : { signal }),
  });
  await universe.learn(Object.keys(bunnyfile.dependencies));
  for (const [name, wantedOptions] of Object.entries(bunnyfile.options)) {
    const variants = await universe.variants(name);
    if (variants !== undefined) requireOptionsExist(options.bunnyfile, name, wantedOptions, variants);
  }

  const kept = (previous?.targets ?? []).filter(
    (target) =>
      !wanted.some((each) => sameTarget(each, target)) &&
      rules.targets.some((each) => sameTarget(each, target)),
  );
  const unchanged = previous?.request === requestFingerprint(bunnyfile);
  const solved = await Promise.all(
    [...wanted, ...(unchanged ? [] : kept)].map((target) => solveTarget(options, target, tooling, universe)),
  );
  const targets = [...solved, ...(unchanged ? kept : [])].sort(byTarget);
  const lock: Lock = {
    schema: 'https://bunny.dev/schema/lock/v1',
    framework: bunnyfile.framework,
    request: requestFingerprint(bunnyfile),
    targets,
  };
  return { lock, wanted: pick(lock, wanted), changed: true };

  function requireTargets(
    found: readonly TargetName[],
    { bunnyfile: document }: ResolveOptions,
    { targets: offered }: ToolingRules,
  ): void {
    const impossible = found.find((target) => !offered.some((each) => sameTarget(each, target)));
    if (found.length > 0 && impossible === undefined) return;
    const asked = impossible ?? {
      arch: filter.arch?.join(',') ?? 'any',
      platform: filter.platform?.join(',') ?? 'any',
    };
    throw new BunnyError('BUNNY_ETARGET', `${bunnyfile.framework} has no target ${targetLabel(asked)}`, {
      where: impossible === undefined ? file : document.at(['targets']),
      hint: `${bunnyfile.framework} ${rules.version} offers ${offered.map(targetLabel).join(', ')}.`,
      exitStatus: exitStatus.unsatisfiable,
    });
  }
}

async function solveTarget(
  options: ResolveOptions,
  target: TargetName,
  tooling: PublishedTooling,
  universe: RegistryUniverse,
): Promise<LockedTarget> {
  const { previous, bases, store, strategy, signal, file } = options;
  const bunnyfile = options.bunnyfile.value;
  const before = previous?.targets.find((each) => sameTarget(each, target));
  const root: Root = closureRoot(options.bunnyfile, tooling.document.rules, target, options.implied ?? {});
  const solution = await solve(root, universe, {
    preferred: new Map(before?.components.map((component) => [component.name, component.layerHash])),
    ...(strategy === undefined ? {} : { strategy }),
  });
  if (!solution.solved) throw unsatisfiable(solution.failure, file);

  const components = await Promise.all(
    [...solution.closure.values()].map(async ({ candidate, dependencies }): Promise<LockedComponent> => {
      const variants = (await universe.variants(candidate.name)) ?? [];
      const variant = variants.find((each) => each.layerHash === candidate.id);
      if (variant === undefined) throw new Error(`the solver chose an unknown variant of ${candidate.name}`);
      const locked = before?.components.find((each) => each.name === candidate.name);
      if (locked?.layerHash !== variant.layerHash || locked.digest !== variant.manifest.digest) {
        const sources = options.offline
          ? []
          : bases.sources(variant.from, bunnyfile.framework, candidate.name);
        await verifyVariant(store, variant, sources, signal);
      }
      return {
        name: candidate.name,
        version: candidate.version,
        layerHash: variant.layerHash,
        digest: variant.manifest.digest,
        size: variant.manifest.size,
        layer: variant.layer,
        from: variant.from,
        options: variant.identity.options,
        dependencies: [...new Set(Object.values(dependencies))].sort(),
      };
    }),
  );
  components.sort((left, right) => (left.name < right.name ? -1 : 1));
  return {
    arch: target.arch,
    platform: target.platform,
    settings: root.settings,
    tooling: tooling.locked,
    components,
  };
}

/** The targets that the previous lock's tooling layer offers; where its rules are not at hand, those in the lock. */
async function lockedTargetNames(options: ResolveOptions, lock: Lock): Promise<readonly TargetName[]> {
  const { bunnyfile, store, filter } = options;
  const explicit = bunnyfile.value.targets.length > 0 && (filter.arch ?? filter.platform) === undefined;
  const tooling = lock.targets[0]?.tooling;
  if (explicit || tooling === undefined) return lock.targets;
  return (await lockedRules(store, tooling))?.targets ?? lock.targets;
}

function pick(lock: Lock, wanted: readonly TargetName[]): LockedTarget[] {
  return lock.targets.filter((target) => wanted.some((each) => sameTarget(each, target)));
}

function byTarget(left: TargetName, right: TargetName): number {
  const [a, b] = [targetLabel(left), targetLabel(right)];
  return a < b ? -1 : a > b ? 1 : 0;
}

function foreign(lock: Lock, bunnyfile: Bunnyfile, file: string): BunnyError {
  return new BunnyError(
    'BUNNY_ELOCKFOREIGN',
    `bunny.lock was made for another Bunnyfile: for ${lock.framework}, not ${bunnyfile.framework}`,
    {
      where: file,
      hint: 'remove bunny.lock and run `bunny resolve`, or go back to the Bunnyfile that it belongs to',
      exitStatus: exitStatus.unsatisfiable,
    },
  );
}

function frozen(state: ReturnType<typeof staleness>, file: string): BunnyError {
  const why =
    state.stale && state.reason === 'targets'
      ? `bunny.lock lacks ${state.missing.map(targetLabel).join(', ')}`
      : 'bunny.lock was made for another Bunnyfile or an earlier state of this one';
  return new BunnyError('BUNNY_EFROZEN', `${why}, and --frozen forbids to change it`, {
    where: file,
    hint: 'run `bunny resolve` and commit bunny.lock',
    exitStatus: exitStatus.unsatisfiable,
  });
}
