import {
  type Binding,
  type FoundVariant,
  MetadataCache,
  Namespace,
  type PublishedTooling,
} from 'bunny-libos-namespace';
import type { Root } from 'bunny-libos-solver';
import {
  byCodeUnit,
  byText,
  type Lock,
  type LockedComponent,
  type LockedTarget,
  type NamedTarget,
  perTarget,
  present,
  type Settings,
  type TargetName,
  toolingRepository,
} from 'bunny-libos-spec';
import { pickTargets, requestFingerprint, sameTarget, targetLabel, wantedTargets } from '../lock/request.js';
import { targetText } from '../lock/target-text.js';
import type { Admission } from './admission.js';
import { readPins } from './check-pins.js';
import { checkOptions } from './declared-options.js';
import { checkProviders } from './declared-providers.js';
import { unsatisfiable } from './failure.js';
import type { HeldBack, Solved } from './held-back.js';
import { directNames, keeping } from './lock-aims.js';
import { joinHeld, Reasons } from './lock-reasons.js';
import { type Lowered, loweredTooling } from './lowered.js';
import { namingNamesakes } from './namesakes.js';
import { passedOver, requirePolicyIsNoReason } from './refused-closure.js';
import { includesTarget, requireTargets } from './required-targets.js';
import type { Resolution, ResolveOptions } from './resolve-options.js';
import { closureRoot, closureSettings } from './root.js';
import { type SolvedComponent, solveOverNamespace } from './solve-target.js';
import { chooseTooling } from './tooling-repository.js';

/** Solves the targets that are asked for, and where the request has changed those that the lock had. */
export async function solveLock(options: ResolveOptions): Promise<Resolution> {
  const { previous, filter, renew, lockAll, gate } = options;
  const bunnyfile = options.bunnyfile.value;
  const admission = await openAdmission(options);
  const tooling = await chooseTooling({ ...options, renew: renew === 'all', admission });
  const { rules } = tooling.document;
  const wanted = wantedTargets(bunnyfile, filter, rules.targets);
  const unchanged = renew === undefined && previous?.request === requestFingerprint(bunnyfile);
  const locked = unchanged ? previous.targets : [];
  const others = lockAll
    ? bunnyfile.targets.filter((each) => !includesTarget(wanted, each) && !includesTarget(locked, each))
    : [];
  const locking = [...wanted, ...others];
  requireTargets(wanted.length === 0 ? [] : locking, options, rules);

  const isOffered = (target: TargetName) => includesTarget(rules.targets, target);
  const namespace = options.namespace ?? openNamespace(options);
  const kept = (previous?.targets ?? []).filter(
    (target) => !includesTarget(locking, target) && isOffered(target),
  );
  try {
    const solving = [...locking, ...(unchanged ? [] : kept)];
    const solved = await Promise.all(
      solving.map((target) => {
        const others = [...solving, ...bunnyfile.targets].filter((each) => !sameTarget(each, target));
        return solveTarget(options, target, others.filter(isOffered), tooling, namespace, admission);
      }),
    );
    const targets = [...solved.map(({ target }) => target), ...(unchanged ? kept : [])].sort(byTarget);
    const request = requestFingerprint(bunnyfile);
    const lock: Lock = {
      framework: bunnyfile.framework,
      request,
      targets,
    };
    const warnings = [
      ...(admission === undefined ? [] : passedOver(targets, admission)),
      ...(await yankedPins(lock, namespace)),
      ...(await deprecatedChoices(lock, namespace)),
      ...(await checkOptions(options.bunnyfile, lock, rules, namespace)),
      ...(await checkProviders(options.bunnyfile, lock, rules, namespace)),
    ];
    const cache = MetadataCache.of(options.store);
    // What was kept of a lock that nobody has checked is to be checked yet.
    const isChecked =
      previous === undefined ||
      renew === 'all' ||
      previous.targets.every((target) => cache.knowsTarget(targetText(previous, target, gate)));
    if (isChecked && !options.tentative && !gate?.hasWarned) {
      for (const target of targets) await cache.rememberTarget(targetText(lock, target, gate));
    }
    return {
      lock,
      wanted: pickTargets(lock, wanted),
      changed: true,
      warnings,
      held: joinHeld(solved.flatMap(({ held }) => held)),
      lowered: solved.flatMap(({ lowered }) => lowered),
      solved: new Map(solved.map(({ target, solved }) => [targetLabel(target), solved])),
    };
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
    offline,
    signal,
  });
}

async function solveTarget(
  options: ResolveOptions,
  target: TargetName,
  others: readonly TargetName[],
  tooling: PublishedTooling,
  namespace: Namespace,
  admission: Admission | undefined,
): Promise<SolvedLock> {
  const { previous, strategy, budget, renew = new Set(), tentative = false } = options;
  const { rules } = tooling.document;
  const own = perTarget(options.bunnyfile, target);
  const { framework, isOneOfSeveral } = own.value;
  const named: NamedTarget = present({
    framework: isOneOfSeveral ? framework : undefined,
    arch: target.arch,
    platform: target.platform,
  });
  const same = previous?.targets.find((each) => sameTarget(each, target));
  const before = same ?? previous?.targets[0];
  const root: Root = {
    ...closureRoot(options.bunnyfile, rules, target, (await options.implied?.(rules, target)) ?? {}),
    elsewhere: others.map((other) => closureSettings(options.bunnyfile, rules, other)),
  };
  const kept = (before?.components ?? []).filter(({ name }) => renew !== 'all' && !renew.has(name));
  // Those of another target, or of other settings, may be made for that.
  const pinned = fitting(await readPins(options, kept), root.settings);
  const locked = admission === undefined ? pinned : await admission.admittedPins(pinned);
  const names = (before?.components ?? []).map(({ name }) => name);
  const direct = directNames(own.value.dependencies, root.settings);
  const renewed = renew === 'all' ? [] : [...renew].filter((name) => names.includes(name));
  const keep = keeping({
    root,
    locked,
    direct,
    renewed,
    // Who asks for the oldest of everything does not mind that it is older.
    allowDowngrade: options.allowDowngrade === true || strategy === 'lowest',
  });
  const { pins, aims } = keep;
  const question = {
    root,
    namespace,
    rules,
    tooling: tooling.locked.layerHash,
    pins,
    ...(before === undefined || renew === 'all'
      ? {}
      : { aims, remembered: names.filter((name) => !pins.has(name)) }),
    strategy,
    budget,
  };
  const solution = await solveOverNamespace({ ...question, admission });
  if (!solution.solved) {
    if (admission !== undefined) await requirePolicyIsNoReason(question, admission, solution.failure);
    const error = await unsatisfiable(solution.failure, {
      ...options,
      bunnyfile: own,
      root,
      rules,
      namespace,
    });
    throw await namingNamesakes(error, tooling, options);
  }
  const components = await Promise.all(
    [...solution.closure.values()].map((component) => lockComponent(namespace, component, pins, tentative)),
  );
  components.sort(byText(({ name }) => name));
  const chosen = new Map(components.map(({ name, version, layerHash: id }) => [name, { version, id }]));
  const solved: Solved = { root, universe: solution.universe, chosen, direct };
  const reasons = new Reasons(solved, {
    keep,
    renewed,
    lowest: strategy === 'lowest',
    target: targetLabel(named),
  });
  const lowered = [
    ...loweredTooling(same?.tooling, tooling.locked, {
      name: toolingRepository,
      range: options.bunnyfile.value.toolingVersion,
      target: named,
    }),
    ...(same === undefined ? [] : await reasons.lowered(same, namespace)),
  ];
  const locking = {
    ...named,
    settings: root.settings,
    tooling: tooling.locked,
    components,
  };
  return { target: locking, solved, held: await reasons.held(), lowered };
}

/** What the policies let be chosen; undefined where there are none. */
async function openAdmission(options: ResolveOptions): Promise<Admission | undefined> {
  const { gate, bases, offline, bunnyfile } = options;
  if (gate === undefined) return undefined;
  const { Admission } = await import('./admission.js');
  return new Admission({ gate, bases, offline, framework: bunnyfile.value.framework });
}

/** The lock of one target, and what is to be said of it. */
interface SolvedLock {
  target: LockedTarget;
  solved: Solved;
  held: readonly HeldBack[];
  lowered: readonly Lowered[];
}

function fitting(pins: ReadonlyMap<string, FoundVariant>, settings: Settings): Map<string, FoundVariant> {
  const fits = ({ identity }: FoundVariant) =>
    Object.entries(identity.settings).every(([name, value]) => settings[name] === value);
  return new Map([...pins].filter(([, variant]) => fits(variant)));
}

async function lockComponent(
  namespace: Namespace,
  { candidate: { name }, variant, dependencies }: SolvedComponent,
  pins: ReadonlyMap<string, FoundVariant>,
  tentative: boolean,
): Promise<LockedComponent> {
  if (!tentative && pins.get(name)?.layerHash !== variant.layerHash) {
    await (await namespace.component(name))?.repository.verify(variant);
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

/** What of a lock is deprecated, as far as the registry was asked, and why. */
async function deprecatedChoices(lock: Lock, namespace: Namespace): Promise<string[]> {
  const warnings = new Set<string>();
  for (const { components } of lock.targets) {
    for (const { name, version } of components) {
      const reason = await namespace.deprecation(name, version);
      if (reason !== undefined) warnings.add(`${name} ${version} is deprecated: ${reason}`);
    }
  }
  return [...warnings];
}

function byTarget(left: TargetName, right: TargetName): number {
  return byCodeUnit(targetLabel(left), targetLabel(right));
}
