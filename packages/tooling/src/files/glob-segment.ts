import { BunnyError } from 'bunny-libos-spec';
import { type GlobNode, parseSegment } from './glob-syntax.js';

/** How often a part of a pattern may say `!( )`, which takes longer than all else. */
const mostExclusions = 8;

/** Tells of a file name whether a part of a pattern takes it. */
export type SegmentMatcher = (name: string) => boolean;

/**
 * Compiles a part of a glob between two slashes: `*`, `?`, `[a-z]`, `{a,b}`, `(a|b)`, `@( )`, `?( )`, `*( )`, `+( )`,
 * `!( )`. A name that begins with a dot is taken only where the pattern begins with one.
 * Patterns come from strangers: a name of n characters takes time in proportion to n times the length of the pattern,
 * and n times more where it has `!( )`, of which there may be a few. Throws BUNNY_EPATH where there are more.
 */
export function segmentMatcher(pattern: string): SegmentMatcher {
  if (pattern.split('!(').length - 1 > mostExclusions) {
    throw new BunnyError('BUNNY_EPATH', `a pattern has at most ${mostExclusions} times !( )`, {
      where: pattern.slice(0, 100),
      hint: 'name what is meant, and what is not under `exclude`',
    });
  }
  const nodes = parseSegment(pattern);
  const [first, second] = nodes;
  if (first === undefined) return (name) => name === '';
  // What nearly all patterns are.
  if (first.kind === 'text' && second === undefined) return (name) => name === first.text;
  if (first.kind === 'some' && nodes.length <= 2 && (second === undefined || second.kind === 'text')) {
    const end = second?.text ?? '';
    return (name) => name !== '' && name.endsWith(end) && !name.startsWith('.');
  }
  const automaton = new Automaton();
  const start = automaton.sequence(nodes, automaton.state({ kind: 'end' }));
  return (name) => automaton.ends(start, name, 0)[name.length] === 1;
}

/** A state of an automaton: what it takes on the way to the next one. */
type State =
  | { kind: 'end' }
  | { kind: 'take'; takes: (character: string) => boolean; isWild: boolean; next: number }
  | { kind: 'split'; next: number[]; isWild: boolean }
  | { kind: 'not'; start: number; next: number };

/** Thompson's construction, with one kind of state more: what may be anything but what another automaton takes. */
class Automaton {
  readonly #states: State[] = [];

  state(state: State): number {
    return this.#states.push(state) - 1;
  }

  /** The first state of what takes these nodes one after the other and goes on to `next`. */
  sequence(nodes: readonly GlobNode[], next: number): number {
    return nodes.reduceRight((after, node) => this.#node(node, after), next);
  }

  #node(node: GlobNode, next: number): number {
    if (node.kind === 'text') {
      return [...node.text].reduceRight((after, wanted) => {
        return this.state({
          kind: 'take',
          takes: (character) => character === wanted,
          isWild: false,
          next: after,
        });
      }, next);
    }
    if (node.kind === 'any') return this.state({ kind: 'take', takes: () => true, isWild: true, next });
    if (node.kind === 'set') return this.state({ kind: 'take', takes: node.has, isWild: true, next });
    if (node.kind === 'some') {
      const loop = this.#split(true);
      loop.state.next = [this.state({ kind: 'take', takes: () => true, isWild: true, next: loop.at }), next];
      return loop.at;
    }
    return this.#group(node.sign, node.choices, next);
  }

  #group(sign: string, choices: readonly (readonly GlobNode[])[], next: number): number {
    if (sign === '!') {
      const end = this.state({ kind: 'end' });
      const start = this.#split(false);
      start.state.next = choices.map((nodes) => this.sequence(nodes, end));
      return this.state({ kind: 'not', start: start.at, next });
    }
    const { at, state } = this.#split(false);
    const repeats = sign === '*' || sign === '+';
    const after = repeats ? this.#split(false) : undefined;
    const entries = choices.map((nodes) => this.sequence(nodes, after?.at ?? next));
    state.next = sign === '*' || sign === '?' ? [...entries, next] : entries;
    if (after !== undefined) after.state.next = [...entries, next];
    return at;
  }

  #split(isWild: boolean): { at: number; state: { next: number[] } } {
    const state = { kind: 'split' as const, next: [], isWild };
    return { at: this.state(state), state };
  }

  /** For each position whether what begins in `start` at `from` may end there. */
  ends(start: number, name: string, from: number, tables = new Map<string, Uint8Array>()): Uint8Array {
    const key = `${start} ${from}`;
    const known = tables.get(key);
    if (known !== undefined) return known;
    const characters = name.length;
    const ends = new Uint8Array(characters + 1);
    const waiting: (Set<number> | undefined)[] = [];
    const reach = (position: number, state: number) => {
      const there = waiting[position] ?? new Set<number>();
      waiting[position] = there;
      there.add(state);
    };
    reach(from, start);
    // A dot at the start of a name is nothing that a wildcard takes, not even by taking nothing.
    const isBare = (position: number) => position === 0 && name.startsWith('.');
    for (let position = from; position <= characters; position++) {
      // States that are added meanwhile are visited, too.
      for (const at of waiting[position] ?? []) {
        const state = this.#states[at];
        if (state === undefined || ('isWild' in state && state.isWild && isBare(position))) continue;
        if (state.kind === 'end') ends[position] = 1;
        else if (state.kind === 'split') for (const next of state.next) reach(position, next);
        else if (state.kind === 'take') {
          if (position < characters && state.takes(name[position] ?? '')) reach(position + 1, state.next);
        } else if (!isBare(position)) {
          const excluded = this.ends(state.start, name, position, tables);
          for (let end = position; end <= characters; end++) {
            if (excluded[end] !== 1) reach(end, state.next);
          }
        }
      }
      waiting[position] = undefined;
    }
    tables.set(key, ends);
    return ends;
  }
}
