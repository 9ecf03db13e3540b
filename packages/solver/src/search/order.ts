import type { Candidate } from './universe.js';
import { compareVersions, unknownVersion, type Version } from './version.js';

/** A candidate with its version read once. */
export interface Parsed {
  candidate: Candidate;
  version: Version;
}

/** By UTF-16 code unit: the same on every machine. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/**
 * The documented order of preference, a total order over the candidates of one component:
 * 1. the candidate that the existing lock names;
 *    (what is not read yet and may be any other follows at once);
 * 2. newest version first (semver precedence), oldest first with the strategy `lowest`;
 *    (what is not read yet of a version comes before what is: any of it may be preferred);
 * 3. fewer options away from their defaults;
 * 4. more settings named: made for just this target rather than for any;
 * 5. id, by code unit.
 */
export function preference(
  strategy: 'highest' | 'lowest',
  locked: string | undefined,
): (a: Parsed, b: Parsed) => number {
  const sign = strategy === 'lowest' ? 1 : -1;
  const unlocked = (a: Parsed, b: Parsed) =>
    Number(b.version === unknownVersion) - Number(a.version === unknownVersion) ||
    sign * compareVersions(a.version, b.version) ||
    Number(b.candidate.unread === true) - Number(a.candidate.unread === true) ||
    (a.candidate.deviations ?? 0) - (b.candidate.deviations ?? 0) ||
    specificity(b.candidate) - specificity(a.candidate) ||
    compareText(a.candidate.id, b.candidate.id);
  if (locked === undefined) return unlocked;
  return (a, b) => Number(b.candidate.id === locked) - Number(a.candidate.id === locked) || unlocked(a, b);
}

function specificity(candidate: Candidate): number {
  return candidate.settings === undefined ? 0 : Object.keys(candidate.settings).length;
}
