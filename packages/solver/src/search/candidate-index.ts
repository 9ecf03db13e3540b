import { anything, type CandidateSet, setOf, where } from './candidate-set.js';
import type { Parsed } from './order.js';
import { SortedVersions } from './sorted-versions.js';
import type { Candidate, Scalar } from './universe.js';
import { type Range, unknownVersion, versionIn } from './version.js';

/** Candidates by what a record of theirs has under each name: name, value, candidates. */
type Groups<T> = ReadonlyMap<string, ReadonlyMap<T, readonly number[]>>;

/**
 * Finds sets of the candidates of one component by what they are and say, without a look at each: thousands may be
 * asked for in thousands of ways. What it takes for that is made when it is first asked for.
 */
export class CandidateIndex {
  readonly #candidates: readonly Parsed[];
  #versions: SortedVersions | undefined;
  #unread: CandidateSet | undefined;
  #unknown: CandidateSet | undefined;
  #options: Groups<Scalar> | undefined;
  #provides: Groups<string> | undefined;
  #conflicts: Groups<string> | undefined;

  /** @param candidates - Sorted by `preference`. */
  constructor(candidates: readonly Parsed[]) {
    this.#candidates = candidates;
  }

  /** Those that are not read yet. */
  get unread(): CandidateSet {
    this.#unread ??= this.#where(({ candidate }) => candidate.unread === true);
    return this.#unread;
  }

  /** Those of which not even the version is known. */
  get unknown(): CandidateSet {
    this.#unknown ??= this.#where(({ version }) => version === unknownVersion);
    return this.#unknown;
  }

  /** Those whose version is known and in the range. */
  inRange(range: Range): CandidateSet {
    this.#versions ??= new SortedVersions(this.#candidates);
    return this.#versions.inRange(range);
  }

  /** Those with these options, or that may have them. */
  having(options: Readonly<Record<string, Scalar>> | undefined): CandidateSet {
    if (options === undefined) return anything;
    this.#options ??= groupsOf(this.#candidates, (candidate) => candidate.options);
    let set = anything;
    for (const name of Object.keys(options)) {
      set &= setOf(this.#options.get(name)?.get(options[name] as Scalar) ?? []) | this.unread;
    }
    return set;
  }

  /** Those that are known to provide the capability. */
  providing(capability: string): CandidateSet {
    return setOf([...this.#providersOf(capability).values()].flat());
  }

  /** Those that are known to provide the capability in a version of the range. */
  providingIn(capability: string, range: Range): CandidateSet {
    const found: number[] = [];
    for (const [version, candidates] of this.#providersOf(capability)) {
      if (versionIn(version, range)) for (const each of candidates) found.push(each);
    }
    return setOf(found);
  }

  /** Those that say they conflict with this name, in the very words of the range. */
  refusing(name: string, range: string): CandidateSet {
    this.#conflicts ??= groupsOf(this.#candidates, ({ conflicts }) => conflicts);
    return setOf(this.#conflicts.get(name)?.get(range) ?? []);
  }

  #providersOf(capability: string): ReadonlyMap<string, readonly number[]> {
    this.#provides ??= groupsOf(this.#candidates, ({ provides }) => provides);
    return this.#provides.get(capability) ?? new Map();
  }

  #where(predicate: (candidate: Parsed) => boolean): CandidateSet {
    return where(this.#candidates.length, (index) => predicate(this.#candidates[index] as Parsed));
  }
}

/** Groups candidates by the entries of a record, with one look at each candidate. */
function groupsOf<T>(
  candidates: readonly Parsed[],
  recordOf: (candidate: Candidate) => Readonly<Record<string, T>> | undefined,
): Groups<T> {
  const groups = new Map<string, Map<T, number[]>>();
  for (let i = 0; i < candidates.length; i++) {
    const record = recordOf((candidates[i] as Parsed).candidate);
    if (record === undefined) continue;
    for (const name of Object.keys(record)) enter(groups, name, record[name] as T, i);
  }
  return groups;
}

/** Enters a candidate under a name and a value. */
export function enter<T>(
  groups: Map<string, Map<T, number[]>>,
  name: string,
  value: T,
  candidate: number,
): void {
  let values = groups.get(name);
  if (values === undefined) {
    values = new Map();
    groups.set(name, values);
  }
  const known = values.get(value);
  if (known === undefined) values.set(value, [candidate]);
  else known.push(candidate);
}
