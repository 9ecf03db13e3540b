import type { FoundVariant } from 'bunny-libos-namespace';
import {
  BunnyError,
  type Bunnyfile,
  type Document,
  exitStatus,
  holds,
  type Lock,
  type LockedTarget,
  type Options,
  own,
  type Path,
  type Position,
  type Settings,
} from 'bunny-libos-spec';
import satisfies from 'semver/functions/satisfies.js';
import { targetLabel } from './request.js';

/**
 * Finds what an edit or a bad merge of a lock leaves behind, as far as the lock itself tells: entries that
 * stand there twice, and names that it does not have. Needs neither store nor network. Throws BUNNY_ELOCKED.
 */
export function checkLocks(locks: readonly Document<Lock>[]): void {
  const frameworks = new Set<string>();
  for (const lock of locks) {
    const { framework } = lock.value;
    if (frameworks.has(framework)) throw broken(`the framework ${framework} is listed twice`, lock.at([]));
    frameworks.add(framework);
    checkLock(lock);
  }
}

function checkLock({ value: lock, at }: Document<Lock>): void {
  const targets = new Set<string>();
  for (const [index, target] of lock.targets.entries()) {
    const label = targetLabel(target);
    const path: Path = ['targets', index];
    if (targets.has(label)) throw broken(`the target ${label} is listed twice`, at(path));
    targets.add(label);
    const { arch, platform } = target.settings;
    if (arch !== target.arch || platform !== target.platform) {
      throw broken(`the settings of ${label} are those of another target`, at([...path, 'settings']));
    }
    checkComponents(target, [...path, 'components'], at);
  }
}

function checkComponents({ components }: LockedTarget, path: Path, at: Document<Lock>['at']): void {
  const names = new Set<string>();
  for (const [index, { name }] of components.entries()) {
    if (names.has(name)) throw broken(`${name} is listed twice`, at([...path, index]));
    names.add(name);
  }
  for (const [index, { name, dependencies }] of components.entries()) {
    const missing = dependencies.findIndex((each) => !names.has(each));
    if (missing < 0) continue;
    const place = at([...path, index, 'dependencies', missing]);
    throw broken(`${name} depends on ${dependencies[missing]}, which the lock does not have`, place);
  }
}

/** A closure as a lock pins it, each component as its manifest describes it. */
export type LockedClosure = ReadonlyMap<string, FoundVariant>;

/**
 * Checks that what a lock pins for a target meets the Bunnyfile and itself: every dependency is there and named, in
 * its range and with its options, no two conflict, and the settings are `settings`, those that the Bunnyfile comes
 * to. Throws BUNNY_ELOCKED with all that is wrong.
 */
export function checkClosure(
  target: LockedTarget,
  closure: LockedClosure,
  bunnyfile: Pick<Bunnyfile, 'name' | 'dependencies' | 'options'>,
  settings: Settings,
  lockFile: string,
): void {
  const problems: string[] = [];
  for (const name of new Set([...Object.keys(settings), ...Object.keys(target.settings)])) {
    const [locked, asked] = [target.settings, settings].map((each) => own(each, name) ?? 'none');
    if (locked !== asked) problems.push(`the setting ${name} is ${asked}: the lock has ${locked}`);
  }
  const need = (who: string, dependencies: Bunnyfile['dependencies'], facts: LockedTarget['settings']) => {
    const providers = new Set<string>();
    for (const [name, { version, options = {}, when }] of Object.entries(dependencies)) {
      if (!holds(when, facts)) continue;
      const provider = providerOf(name, version, closure);
      if (provider === undefined) {
        problems.push(`${who} needs ${name} ${version}: ${found(name, closure)}`);
        continue;
      }
      providers.add(provider.identity.name);
      needOptions(who, name, options, provider);
    }
    return providers;
  };
  const needOptions = (who: string, name: string, options: Options, { identity }: FoundVariant) => {
    for (const [option, value] of Object.entries(options)) {
      const is = own(identity.options, option);
      if (is !== value) {
        problems.push(`${who} needs ${name} with ${option}=${value}: the lock has ${option}=${is}`);
      }
    }
  };
  need(bunnyfile.name, bunnyfile.dependencies, target.settings);
  for (const [name, options] of Object.entries(bunnyfile.options)) {
    const component = closure.get(name);
    if (component !== undefined) needOptions(bunnyfile.name, name, options, component);
  }
  for (const { identity } of closure.values()) {
    const { name, version, dependencies, conflicts, options, settings } = identity;
    const unmet = problems.length;
    const met = need(`${name} ${version}`, dependencies, { ...target.settings, ...options });
    const said = target.components.find((component) => component.name === name)?.dependencies ?? [];
    const [locked, real] = [said, [...met]].map((names) => names.toSorted().join(', ') || 'none');
    if (locked !== real && problems.length === unmet) {
      problems.push(`${name} ${version} depends on ${real}: the lock has ${locked}`);
    }
    for (const [setting, value] of Object.entries(settings)) {
      const is = own(target.settings, setting);
      if (is !== value) problems.push(`${name} ${version} was built for ${setting}=${value}, not ${is}`);
    }
    for (const [other, range] of Object.entries(conflicts)) {
      const present = providerOf(other, range, closure);
      if (present === undefined || present.identity.name === name) continue;
      problems.push(`${name} ${version} conflicts with ${other} ${range}`);
    }
  }
  if (problems.length === 0) return;
  throw new BunnyError(
    'BUNNY_ELOCKED',
    `what bunny.lock pins for ${targetLabel(target)} does not fit together`,
    { where: lockFile, details: problems, hint: rewrite, exitStatus: exitStatus.unsatisfiable },
  );
}

function providerOf(name: string, range: string, closure: LockedClosure): FoundVariant | undefined {
  const component = closure.get(name);
  if (component !== undefined && satisfies(component.identity.version, range)) return component;
  for (const variant of closure.values()) {
    const provided = own(variant.identity.provides, name);
    if (provided !== undefined && satisfies(provided, range)) return variant;
  }
  return undefined;
}

function found(name: string, closure: LockedClosure): string {
  const component = closure.get(name);
  return component === undefined ? 'the lock has none' : `the lock has ${component.identity.version}`;
}

const rewrite = 'undo the edit of bunny.lock, or remove the file and run `bunny resolve`';

function broken(summary: string, where: Position): BunnyError {
  return new BunnyError('BUNNY_ELOCKED', summary, {
    where,
    hint: rewrite,
    exitStatus: exitStatus.unsatisfiable,
  });
}
