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
/** Sets of one candidate are kept for the first so many: they take an eighth of a byte for each candidate before it. */
const mostKept = 1024;

/** The set of one candidate. */
export function only(candidate: number): CandidateSet {
  if (candidate >= mostKept) return 2n << BigInt(candidate);
  for (let i = bits.length; i <= candidate; i++) bits.push(2n << BigInt(i));
  return bits[candidate] as bigint;
}

/** The candidates for which the predicate holds, out of the first `count`. */
export function where(count: number, predicate: (candidate: number) => boolean): CandidateSet {
  const words = new Uint32Array(Math.ceil(count / 32));
  for (let i = 0; i < count; i++)
    if (predicate(i)) words[i >> 5] = (words[i >> 5] as number) | (1 << (i & 31));
  return fromWords(words);
}

/** The set of these candidates, each given once. */
export function setOf(candidates: readonly number[]): CandidateSet {
  const [one, two] = candidates;
  if (one === undefined) return nothing;
  if (two === undefined) return only(one);
  let last = 0;
  for (const each of candidates) last = Math.max(last, each);
  const words = new Uint32Array((last >> 5) + 1);
  for (const each of candidates) words[each >> 5] = (words[each >> 5] as number) | (1 << (each & 31));
  return fromWords(words);
}

/** The candidates from one up to, but without, another. */
export function span(from: number, to: number): CandidateSet {
  return from >= to ? nothing : ((1n << BigInt(to - from)) - 1n) << BigInt(from + 1);
}

/** In one go: to unite bigints one by one copies all that is there each time. */
function fromWords(words: Uint32Array): CandidateSet {
  if (words.length <= 1) return BigInt(words[0] ?? 0) << 1n;
  let digits = '0x';
  for (let i = words.length - 1; i >= 0; i--) digits += (words[i] as number).toString(16).padStart(8, '0');
  return BigInt(digits) << 1n;
}

/** For how much work a look at a set of one package counts, by the number of its candidates. */
export function weightOf(candidates: number): number {
  return 1 + (candidates >> 8);
}

export function isSubset(a: CandidateSet, b: CandidateSet): boolean {
  return (a & b) === a;
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

/** The first candidate in a set that holds one. */
export function first(set: CandidateSet): number {
  let rest = set >> 1n;
  for (let offset = 0; ; ) {
    const word = Number(BigInt.asUintN(32, rest));
    if (word !== 0) return offset + 31 - Math.clz32(word & -word);
    // The half of the smallest power of two that it stands in: not word for word down a list of thousands.
    let width = 64;
    while (BigInt.asUintN(width, rest) === nothing) width *= 2;
    rest = BigInt.asUintN(width, rest) >> BigInt(width / 2);
    offset += width / 2;
  }
}

/** The candidates in a set that is not a complement, first to last. */
export function* members(set: CandidateSet): Generator<number> {
  let rest = set >> 1n;
  for (let offset = 0; rest !== nothing; offset += 32, rest >>= 32n) {
    let word = Number(BigInt.asUintN(32, rest)) | 0;
    for (; word !== 0; word &= word - 1) yield offset + 31 - Math.clz32(word & -word);
  }
}
