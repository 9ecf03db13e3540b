import { type CandidateSet, nothing, setOf, span } from './candidate-set.js';
import type { Parsed } from './order.js';
import {
  type Comparator,
  compareVersions,
  inRange,
  type Range,
  unknownVersion,
  type Version,
} from './version.js';

/**
 * The versions of a component's candidates in their order of preference, so that the candidates in a range are
 * found by a few comparisons: thousands of versions may each be asked for by a range of its own.
 */
export class SortedVersions {
  readonly #candidates: readonly Parsed[];
  /** All before this one are in no order: what the lock has, and what is not known. */
  readonly #start: number;
  readonly #isDescending: boolean;
  readonly #releases: CandidateSet;

  /** @param candidates - Sorted by `preference`. */
  constructor(candidates: readonly Parsed[]) {
    this.#candidates = candidates;
    let start = 1;
    while (candidates[start]?.version === unknownVersion) start++;
    this.#start = Math.min(start, candidates.length);
    const [newest, oldest] = [candidates[start]?.version, candidates.at(-1)?.version];
    this.#isDescending = newest !== undefined && oldest !== undefined && compareVersions(newest, oldest) > 0;
    this.#releases = setOf(
      candidates.flatMap(({ version }, i) => (version.prerelease.length === 0 ? [i] : [])),
    );
  }

  /** The candidates whose version is known and in the range. */
  inRange(range: Range): CandidateSet {
    let set = nothing;
    for (const comparators of range) set |= this.#inAll(comparators);
    for (let i = 0; i < this.#start; i++) {
      const { version } = this.#candidates[i] as Parsed;
      if (version !== unknownVersion && inRange(version, range)) set |= span(i, i + 1);
    }
    return set;
  }

  #inAll(comparators: readonly Comparator[]): CandidateSet {
    let [from, to] = [0, this.#candidates.length - this.#start];
    let asked = this.#releases;
    for (const { operator, version } of comparators) {
      if (operator !== '<' && operator !== '<=')
        from = Math.max(from, this.#below(version, operator === '>'));
      if (operator !== '>' && operator !== '>=') to = Math.min(to, this.#below(version, operator !== '<'));
      if (version.prerelease.length > 0) asked |= this.#prereleasesOf(version);
    }
    return this.#span(from, to) & asked;
  }

  #prereleasesOf(version: Version): CandidateSet {
    const from = this.#below({ ...version, prerelease: [0] }, false);
    return this.#span(from, this.#below({ ...version, prerelease: [] }, false));
  }

  /** The candidates from one up to, but without, another, the oldest being 0. */
  #span(from: number, to: number): CandidateSet {
    if (!this.#isDescending) return span(this.#start + from, this.#start + to);
    const { length } = this.#candidates;
    return span(length - to, length - from);
  }

  /** How many of the candidates are older, or just as old where `including`. */
  #below(version: Version, including: boolean): number {
    const { length } = this.#candidates;
    let [low, high] = [0, length - this.#start];
    while (low < high) {
      const middle = (low + high) >> 1;
      const at = this.#isDescending ? length - 1 - middle : this.#start + middle;
      const order = compareVersions((this.#candidates[at] as Parsed).version, version);
      if (order < 0 || (including && order === 0)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
