import type { Store } from '@bunny/oci';
import type { Root } from '@bunny/solver';
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
import { checkOptions } from './declared-options.js';
import { unsatisfiable } from './failure.js';
import { checkClosure } from './lock-check.js';
import { MetadataCache } from './metadata-cache.js';
import { type Binding, Namespace } from './namespace.js';
import { lockedVariant, type PinnedPlace } from './pinned.js';
import {
  requestFingerprint,
  sameTarget,
  staleness,
  type TargetFilter,
  targetLabel,
  wantedTargets,
} from './request.js';
import { closureRoot } from './root.js';
import { solveRenewed } from './solve-renewed.js';
import { type SolvedComponent, solveOverNamespace } from './solve-target.js';
import { chooseTooling, lockedRules, type PublishedTooling } from './tooling-repository.js';
import type { FoundVariant } from './variant.js';
import { verifyVariant } from './verify-variant.js';

export interface ResolveOptions {
  bunnyfile: Document<Bunnyfile>;
  /** Path of the Bunnyfile, for messages. */
  file: string;
  /** Path of the lock, for messages. */
  lockFile: string;
  /** The lock that is there already: kept wherever the request allows. */
  previous: Lock | undefined;
  /** What of it need not be kept: components by name, or everything with the tooling layer. */
  renew?: ReadonlySet<string> | 'all';
  bases: Bases;
  store: Store;
  filter: TargetFilter;
  /** Components that an app in these languages needs beyond those it names: name -> range. */
  implied?: Readonly<Record<string, string>>;
  /** Fail where the lock would change. */
  frozen?: boolean;
  /** Use only what was seen before. */
  offline?: boolean;
  /** Check that what an up-to-date lock pins fits together; else it is trusted. */
  check?: boolean;
  strategy?: 'highest' | 'lowest';
  /** What was opened by `openNamespace` with the same options, where its answers are of use to others too. */
  namespace?: Namespace;
  signal?: AbortSignal;
}

export interface Resolution {
  lock: Lock;
  /** The targets that were asked for, in the order of the lock. */
  wanted: readonly LockedTarget[];
  changed: boolean;
  /** What the user should know though all went well: one sentence each. */
  warnings: readonly string[];
}

/**
 * Answers a Bunnyfile with a lock. A previous lock that still answers it comes back as it is, without
 * the network unless it is to be checked. Throws BUNNY_EINFER, BUNNY_EFROZEN, BUNNY_ELOCKFOREIGN, BUNNY_ELOCKED,
 * BUNNY_EBINDING, BUNNY_ENOSOLUTION, BUNNY_EOPTION, BUNNY_ETARGET and what the registry throws.
 */
export async function resolve(options: ResolveOptions): Promise<Resolution> {
  const { previous, file, renew } = options;
  const bunnyfile = options.bunnyfile.value;
  if (bunnyfile.inferDependencies) throw notWritten(options.bunnyfile);
  if (previous !== undefined) {
    const known = await lockedTargetNames(options, previous);
    const wanted = wantedTargets(bunnyfile, options.filter, known);
    const state = staleness(previous, bunnyfile, wanted);
    if (!state.stale && wanted.length > 0 && renew === undefined) {
      if (options.check) for (const target of previous.targets) await checkTarget(options, target);
      return { lock: previous, wanted: pick(previous, wanted), changed: false, warnings: [] };
    }
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
  const { previous, filter, renew } = options;
  const bunnyfile = options.bunnyfile.value;
  const tooling = await chooseTooling({ ...options, renew: renew === 'all' });
  const { rules } = tooling.document;
  const wanted = wantedTargets(bunnyfile, filter, rules.targets);
  requireTargets(wanted, options, rules);

  const namespace = options.namespace ?? openNamespace(options);
  const kept = (previous?.targets ?? []).filter(
    (target) =>
      !wanted.some((each) => sameTarget(each, target)) &&
      rules.targets.some((each) => sameTarget(each, target)),
  );
  const unchanged = renew === undefined && previous?.request === requestFingerprint(bunnyfile);
  try {
    const solved = await Promise.all(
      [...wanted, ...(unchanged ? [] : kept)].map((target) =>
        solveTarget(options, target, tooling, namespace),
      ),
    );
    const targets = [...solved, ...(unchanged ? kept : [])].sort(byTarget);
    const request = requestFingerprint(bunnyfile);
    const lock: Lock = {
      schema: 'https://bunny.dev/schema/lock/v1',
      framework: bunnyfile.framework,
      request,
      targets,
    };
    const warnings = [
      ...(await yankedPins(lock, namespace)),
      ...(await checkOptions(options.bunnyfile, lock, namespace)),
    ];
    return { lock, wanted: pick(lock, wanted), changed: true, warnings };
  } finally {
    await namespace.save();
  }
}

/** The framework's components, each bound to where the previous lock has it from. */
export function openNamespace(options: Omit<ResolveOptions, 'namespace'>): Namespace {
  const { previous, bases, store, offline, signal } = options;
  const bound = new Map<string, Binding>();
  for (const { components } of previous?.targets ?? []) {
    for (const { name, from, version, layerHash } of components) {
      if (!bound.has(name)) bound.set(name, { from, version, layerHash });
    }
  }
  return new Namespace({
    bases,
    framework: options.bunnyfile.value.framework,
    cache: MetadataCache.of(store),
    bound,
    ...(offline === undefined ? {} : { offline }),
    ...(signal === undefined ? {} : { signal }),
  });
}

async function solveTarget(
  options: ResolveOptions,
  target: TargetName,
  tooling: PublishedTooling,
  namespace: Namespace,
): Promise<LockedTarget> {
  const { previous, strategy, renew = new Set() } = options;
  const bunnyfile = options.bunnyfile.value;
  const { rules } = tooling.document;
  const before = previous?.targets.find((each) => sameTarget(each, target)) ?? previous?.targets[0];
  const root: Root = closureRoot(options.bunnyfile, rules, target, options.implied ?? {});
  const kept = (before?.components ?? []).filter(({ name }) => renew !== 'all' && !renew.has(name));
  const pins = await readPins(options, kept);
  const request = {
    root,
    namespace,
    rules,
    tooling: tooling.locked.layerHash,
    required: bunnyfile.options,
    pins,
    ...(strategy === undefined ? {} : { strategy }),
  };
  const solution =
    renew === 'all' || renew.size === 0 || before === undefined
      ? await solveOverNamespace(request)
      : await solveRenewed(request, renew, before);
  if (!solution.solved) {
    throw await unsatisfiable(solution.failure, { ...options, root, rules, namespace });
  }
  const components = await Promise.all(
    [...solution.closure.values()].map((component) => lockComponent(options, component, pins)),
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

async function lockComponent(
  options: ResolveOptions,
  { candidate: { name }, variant, dependencies }: SolvedComponent,
  pins: ReadonlyMap<string, FoundVariant>,
): Promise<LockedComponent> {
  const { bases, store, signal } = options;
  const { framework } = options.bunnyfile.value;
  if (pins.get(name)?.layerHash !== variant.layerHash) {
    const sources = options.offline ? [] : bases.sources(variant.from, framework, name);
    await verifyVariant(store, variant, sources, signal);
  }
  return {
    name,
    version: variant.identity.version,
    layerHash: variant.layerHash,
    digest: variant.manifest.digest,
    size: variant.manifest.size,
    layer: variant.layer,
    from: variant.from,
    options: variant.identity.options,
    dependencies: [...new Set(Object.values(dependencies))].sort(),
  };
}

async function readPins(
  options: ResolveOptions,
  locked: readonly LockedComponent[],
): Promise<Map<string, FoundVariant>> {
  const place = pinnedPlace(options);
  const pins = await Promise.all(
    locked.map(async (component) => [component.name, await lockedVariant(place, component)] as const),
  );
  return new Map(pins);
}

/** Throws BUNNY_ELOCKED where what the lock pins for a target does not fit together. */
async function checkTarget(options: ResolveOptions, target: LockedTarget): Promise<void> {
  const closure = await readPins(options, target.components);
  checkClosure(target, closure, options.bunnyfile.value, options.lockFile);
}

function pinnedPlace(options: ResolveOptions): PinnedPlace {
  const { store, bases, lockFile, offline, signal } = options;
  return {
    store,
    cache: MetadataCache.of(store),
    bases,
    framework: options.bunnyfile.value.framework,
    lockFile,
    ...(offline === undefined ? {} : { offline }),
    ...(signal === undefined ? {} : { signal }),
  };
}

/** Pins of yanked versions, as far as the registry was asked. */
async function yankedPins(lock: Lock, namespace: Namespace): Promise<string[]> {
  const warnings = new Set<string>();
  for (const { components } of lock.targets) {
    for (const { name, version } of components) {
      if (await namespace.isYanked(name, version)) {
        warnings.add(`${name} ${version} is yanked; bunny.lock keeps it: run \`bunny update ${name}\``);
      }
    }
  }
  return [...warnings];
}

function requireTargets(
  wanted: readonly TargetName[],
  { bunnyfile: document, filter, file }: ResolveOptions,
  rules: ToolingRules,
): void {
  const impossible = wanted.find((target) => !rules.targets.some((each) => sameTarget(each, target)));
  if (wanted.length > 0 && impossible === undefined) return;
  const asked = impossible ?? {
    arch: filter.arch?.join(',') ?? 'any',
    platform: filter.platform?.join(',') ?? 'any',
  };
  const { framework } = document.value;
  throw new BunnyError('BUNNY_ETARGET', `${framework} has no target ${targetLabel(asked)}`, {
    where: impossible === undefined ? file : document.at(['targets']),
    hint: `${framework} ${rules.version} offers ${rules.targets.map(targetLabel).join(', ')}`,
    exitStatus: exitStatus.unsatisfiable,
  });
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

/** A lock never rests on a guess: it answers ranges that someone can read. */
function notWritten(document: Document<Bunnyfile>): BunnyError {
  return new BunnyError('BUNNY_EINFER', 'the dependencies are still to be found out', {
    where: document.at(['dependencies']),
    hint: 'run `bunny add --auto`: it writes them in place of `auto`',
    exitStatus: exitStatus.unsatisfiable,
  });
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
