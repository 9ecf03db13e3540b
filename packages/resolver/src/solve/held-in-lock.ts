import { BunnyError, type LockedTarget, type ToolingRules, targetView } from 'bunny-libos-spec';
import semver from 'semver';
import { readPins } from './check-pins.js';
import { asChosen, objectionsTo, type Solved } from './held-back.js';
import { LazyUniverse } from './lazy-universe.js';
import { directNames } from './lock-aims.js';
import { newestVersion } from './newest-version.js';
import type { ResolveOptions } from './resolve-options.js';
import { closureRoot } from './root.js';
import { openNamespace } from './solve-lock.js';

/** A newer version than a lock has, and who needs what that keeps it out. */
export interface NewerVersion {
  newest: string;
  because: readonly string[];
}

/**
 * What keeps a locked component from being the newest version that was seen of it, by what is known on this machine:
 * no registry is asked. Undefined where nothing newer was seen, or nothing is known to keep it out.
 */
export async function heldInLock(
  options: ResolveOptions,
  target: LockedTarget,
  rules: ToolingRules,
  name: string,
): Promise<NewerVersion | undefined> {
  const known: ResolveOptions = { ...options, offline: true };
  const namespace = openNamespace(known);
  try {
    const locked = target.components.find((each) => each.name === name);
    const newest = await newestVersion(namespace, name);
    if (locked === undefined || newest === undefined || semver.lte(newest, locked.version)) return undefined;
    const root = closureRoot(
      options.bunnyfile,
      rules,
      target,
      (await options.implied?.(rules, target)) ?? {},
    );
    const pins = await readPins(known, target.components);
    const universe = new LazyUniverse({
      namespace,
      rules,
      tooling: target.tooling.layerHash,
      pins,
      pinned: new Set([...pins.values()].map(({ layerHash }) => layerHash)),
    });
    const solved: Solved = {
      root,
      universe,
      chosen: new Map(
        [...pins].map(([each, { layerHash, identity }]) => [
          each,
          { id: layerHash, version: identity.version },
        ]),
      ),
      direct: directNames(targetView(options.bunnyfile.value, target).value.dependencies, root.settings),
    };
    const others = asChosen(solved, solved.direct);
    // Who needs another version says so whatever that one is like; else what was seen of it has to be looked at.
    await Promise.allSettled(target.components.map((each) => universe.versions(each.name)));
    let because = await objectionsTo(solved, name, newest, others);
    if (because.length === 0 && (await universe.usable(name, newest)).length > 0) {
      because = await objectionsTo(solved, name, newest, others);
    }
    return because.length === 0 ? undefined : { newest, because };
  } catch (error) {
    // It was never looked at from here.
    if (error instanceof BunnyError && (error.code === 'BUNNY_EOFFLINE' || error.code === 'BUNNY_ELOCKED'))
      return undefined;
    throw error;
  }
}
