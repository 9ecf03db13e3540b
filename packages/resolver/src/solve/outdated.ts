import type { Namespace } from 'bunny-libos-namespace';
import { BunnyError, byText, exitStatus, type Lock, present } from 'bunny-libos-spec';
import semver from 'semver';
import { sameTarget, targetLabel } from '../lock/request.js';
import { asChosen, objectionsTo, type Solved } from './held-back.js';
import { newestVersion } from './newest-version.js';
import { resolve } from './resolve.js';
import type { Resolution, ResolveOptions } from './resolve-options.js';
import { openNamespace } from './solve-lock.js';

/** A locked component of which there is something newer, or that should not be used any more. */
export interface OutdatedComponent {
  name: string;
  /** Version in the lock. */
  current: string;
  /**
   * Version that updating would lock; missing where the component would leave the closure, and where the locked one
   * is yanked and nothing replaces it.
   */
  wanted?: string | undefined;
  /** Newest version that is neither a pre-release nor yanked; missing where there is none. */
  latest?: string | undefined;
  /** Who needs what that leaves the newest version out, one sentence each; missing where nothing is known to. */
  because?: readonly string[] | undefined;
  /** The version in the lock is withdrawn. */
  yanked: boolean;
  /** Why the version in the lock is deprecated; missing where it is not. */
  deprecated?: string | undefined;
  /** `arch/platform` */
  targets: readonly string[];
}

/** Compares a lock with what its registries have now. Changes nothing. Throws BUNNY_ENOFILE without a lock, and what `resolve` throws. */
export async function outdated(options: ResolveOptions): Promise<OutdatedComponent[]> {
  const { previous } = options;
  if (previous === undefined) {
    throw new BunnyError('BUNNY_ENOFILE', 'there is no bunny.lock to compare', {
      where: options.lockFile,
      hint: 'run `bunny resolve` first',
      exitStatus: exitStatus.usage,
    });
  }
  const namespace = openNamespace(options);
  const { lock, solved } = await updated({ ...options, namespace, tentative: true }, previous, namespace);
  const found = new Map<string, OutdatedComponent & { targets: string[] }>();
  for (const target of previous.targets) {
    const after = lock.targets.find((each) => sameTarget(each, target));
    for (const { name, version: current } of target.components) {
      const latest = await newestVersion(namespace, name);
      const yanked = await namespace.isYanked(name, current);
      const deprecated = await namespace.deprecation(name, current);
      const offered = versionIn(after, name);
      const wanted = yanked && offered === current ? undefined : offered;
      const isNewest = latest === undefined || semver.lte(latest, current);
      if (wanted === current && isNewest && !yanked && deprecated === undefined) continue;
      const because =
        latest !== undefined && semver.gt(latest, wanted ?? current)
          ? await against(solved.get(targetLabel(target)), name, latest)
          : [];
      const key = JSON.stringify([name, current, wanted, because]);
      const entry =
        found.get(key) ??
        present({
          name,
          current,
          wanted,
          latest,
          because: because.length === 0 ? undefined : because,
          yanked,
          deprecated,
          targets: [] as string[],
        });
      entry.targets.push(targetLabel(target));
      found.set(key, entry);
    }
  }
  await namespace.save();
  return [...found.values()].sort(byText(({ name }) => name));
}

/** Whether there is a newer version: what is yanked may have an older one alone to go to. */
export function hasNewer({ current, wanted, latest }: OutdatedComponent): boolean {
  return [wanted, latest].some((version) => version !== undefined && semver.gt(version, current));
}

/** The lock with everything renewed; where nothing replaces what is yanked, with that kept. */
async function updated(
  options: ResolveOptions,
  previous: Lock,
  namespace: Namespace,
): Promise<Pick<Resolution, 'lock' | 'solved'>> {
  try {
    return await resolve({ ...options, renew: 'all' });
  } catch (error) {
    if (!(error instanceof BunnyError) || error.code !== 'BUNNY_ENOSOLUTION') throw error;
    const components = previous.targets.flatMap((target) => target.components);
    await Promise.all(components.map(({ name }) => namespace.component(name)));
    const yanked = new Set<string>();
    for (const { name, version } of components) {
      if (await namespace.isYanked(name, version)) yanked.add(name);
    }
    if (yanked.size === 0) throw error;
    const others = components.flatMap(({ name }) => (yanked.has(name) ? [] : [name]));
    if (others.length === 0) return { lock: previous, solved: new Map() };
    return await resolve({ ...options, renew: new Set(others) });
  }
}

/** Who needs what that keeps a component from being this version. */
async function against(solved: Solved | undefined, name: string, version: string): Promise<string[]> {
  if (solved === undefined) return [];
  return objectionsTo(solved, name, version, asChosen(solved, solved.direct));
}

function versionIn(target: Lock['targets'][number] | undefined, name: string): string | undefined {
  return target?.components.find((component) => component.name === name)?.version;
}
