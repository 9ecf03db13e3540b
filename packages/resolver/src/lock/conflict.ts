import { type Lock, type LockedComponent, type LockedTarget, readLocks } from 'bunny-libos-spec';
import isNewer from 'semver/functions/gt.js';
import { sameTarget } from './request.js';

/**
 * The two locks that a merge put into one file with conflict marks, joined: what both sides agree on, what
 * one side has alone, and of two different pins of a component the newer. It answers neither side's
 * Bunnyfile, so its `request` is empty: it is what resolving anew should keep to. Undefined where the
 * text holds no marks; throws what `readLock` throws where a side is not a lock.
 */
export function joinConflicting(text: string, file: string): Lock[] | undefined {
  const sides = splitConflict(text);
  if (sides === undefined) return undefined;
  const [ours = [], theirs = []] = sides.map((side) => readLocks(side, file).map(({ value }) => value));
  const joined = ours.map((lock) => {
    const other = theirs.find(({ framework }) => framework === lock.framework);
    return other === undefined ? lock : joinLocks(lock, other);
  });
  const alone = theirs.filter((lock) => !ours.some(({ framework }) => framework === lock.framework));
  return [...joined, ...alone].map((lock) => ({ ...lock, request: '' }));
}

function joinLocks(ours: Lock, theirs: Lock): Lock {
  const targets = ours.targets.map((target) => {
    const other = theirs.targets.find((each) => sameTarget(each, target));
    return other === undefined ? target : joinTarget(target, other);
  });
  const alone = theirs.targets.filter((target) => !ours.targets.some((each) => sameTarget(each, target)));
  return { ...ours, targets: [...targets, ...alone] };
}

/** The texts of both sides. Undefined where there are no conflict marks. */
function splitConflict(text: string): [string, string] | undefined {
  const ours: string[] = [];
  const theirs: string[] = [];
  let side: 'both' | 'ours' | 'base' | 'theirs' = 'both';
  let marks = 0;
  for (const line of text.split('\n')) {
    const mark = /^(<{7}|\|{7}|={7}|>{7})(?: |\r?$)/.exec(line)?.[1]?.[0];
    if (mark !== undefined) {
      marks++;
      side = mark === '<' ? 'ours' : mark === '|' ? 'base' : mark === '=' ? 'theirs' : 'both';
      continue;
    }
    if (side === 'both' || side === 'ours') ours.push(line);
    if (side === 'both' || side === 'theirs') theirs.push(line);
  }
  return marks === 0 ? undefined : [ours.join('\n'), theirs.join('\n')];
}

function joinTarget(ours: LockedTarget, theirs: LockedTarget): LockedTarget {
  const components = new Map<string, LockedComponent>();
  for (const component of [...ours.components, ...theirs.components]) {
    const other = components.get(component.name);
    if (other === undefined || isNewer(component.version, other.version)) {
      components.set(component.name, component);
    }
  }
  const tooling = isNewer(theirs.tooling.version, ours.tooling.version) ? theirs.tooling : ours.tooling;
  return { ...ours, tooling, components: [...components.values()] };
}
