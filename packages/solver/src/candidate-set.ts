/**
 * A set of states of one package, as the bits of a bigint: bit 0 says "not in the closure", bit i + 1
 * says "in it, as candidate i". Complements are negative numbers and hold states that are not known
 * yet, so set algebra is `&`, `|` and `~`, and a package may learn of more states later.
 */
export type CandidateSet = bigint;

/** No state at all. */
export const nothing: CandidateSet = 0n;
/** Every state, known or not. */
export const anything: CandidateSet = -1n;
/** Not in the closure. */
export const absent: CandidateSet = 1n;

const bits: bigint[] = [];

/** The set of one candidate. */
export function only(candidate: number): CandidateSet {
  for (let i = bits.length; i <= candidate; i++) bits.push(1n << BigInt(i + 1));
  return bits[candidate] as bigint;
}

/** The candidates for which the predicate holds, out of the first `count`. */
export function where(count: number, predicate: (candidate: number) => boolean): CandidateSet {
  let set = nothing;
  // One bigint for thirty candidates, rather than one for each.
  for (let start = 0; start < count; start += 30) {
    const end = Math.min(count, start + 30);
    let word = 0;
    for (let i = start; i < end; i++) if (predicate(i)) word |= 1 << (i - start);
    if (word !== 0) set |= BigInt(word) << BigInt(start + 1);
  }
  return set;
}

export function isSubset(a: CandidateSet, b: CandidateSet): boolean {
  return (a & ~b) === nothing;
}

export function overlaps(a: CandidateSet, b: CandidateSet): boolean {
  return (a & b) !== nothing;
}

export function has(set: CandidateSet, candidate: number): boolean {
  return (set & only(candidate)) !== nothing;
}

/** True where the package must be in the closure. */
export function isPresent(set: CandidateSet): boolean {
  return (set & absent) === nothing;
}

/** True for a set of just one state. */
export function isSingle(set: CandidateSet): boolean {
  return set > nothing && (set & (set - 1n)) === nothing;
}

/** The first candidate in a set that holds one and is not a complement. */
export function first(set: CandidateSet): number {
  let rest = set >> 1n;
  for (let offset = 0; ; offset += 32) {
    const word = Number(BigInt.asUintN(32, rest));
    if (word !== 0) return offset + 31 - Math.clz32(word & -word);
    rest >>= 32n;
  }
}

/** The candidates in a set that is not a complement, first to last. */
export function* members(set: CandidateSet): Generator<number> {
  let rest = set & ~absent;
  while (rest !== nothing) {
    const candidate = first(rest);
    yield candidate;
    rest &= ~only(candidate);
  }
}
