import { posix } from 'node:path';
import { BunnyError } from 'bunny-libos-spec';
import { type SegmentMatcher, segmentMatcher } from './glob-segment.js';

/** What one part of a path may be: any number of parts, those that a matcher takes, or nothing more. */
type Step = 'any number' | 'end' | SegmentMatcher;

/** How far a path has come along the patterns: positions in their steps. */
export type GlobState = readonly number[];

/** Patterns that one may stand for by `{a/b,c/d}`. */
const mostAlternatives = 1000;

/**
 * Globs, compiled: paths are followed part by part, so that a whole tree takes time in proportion to its names.
 * `**` stands for any number of directories; what the rest means `segmentMatcher` tells.
 */
export class GlobPatterns {
  readonly #steps: Step[] = [];
  /** Before the first part of a path. */
  readonly start: GlobState;

  /** Throws BUNNY_EPATH where one stands for more than a thousand others. */
  constructor(patterns: readonly string[]) {
    const starts = patterns.flatMap(alternatives).map((pattern) => this.#add(pattern));
    this.start = this.#closure(starts);
  }

  /** After one more part. */
  follow(state: GlobState, part: string): GlobState {
    const reached: number[] = [];
    for (const at of state) {
      const step = this.#steps[at];
      if (step === 'any number') {
        if (!part.startsWith('.')) reached.push(at);
      } else if (step !== 'end' && step?.(part)) reached.push(at + 1);
    }
    return reached.length === 0 ? reached : this.#closure(reached);
  }

  /** Whether the path is what a pattern names. */
  isWhole(state: GlobState): boolean {
    return state.some((at) => this.#steps[at] === 'end');
  }

  /** Whether something below the path may be what a pattern names. */
  goesOn(state: GlobState): boolean {
    return state.some((at) => this.#steps[at] !== 'end');
  }

  /** Whether a pattern names the directory, or all that is in it but what begins with a dot. */
  takesAllBelow(state: GlobState): boolean {
    return state.some((at) => {
      const step = this.#steps[at];
      return step === 'end' || (step === 'any number' && this.#steps[at + 1] === visible);
    });
  }

  #add(pattern: string): number {
    const start = this.#steps.length;
    const parts = pattern.split('/');
    for (const [index, part] of parts.entries()) {
      if (part !== '**') {
        const matches = segmentMatcher(part);
        // A file whose name has a bracket can be named as it is.
        this.#steps.push((name) => name === part || matches(name));
        continue;
      }
      this.#steps.push('any number');
      if (index === parts.length - 1) this.#steps.push(visible);
    }
    this.#steps.push('end');
    return start;
  }

  /** With what is reached by taking no part. */
  #closure(positions: readonly number[]): GlobState {
    const all = new Set<number>();
    for (let at of positions) {
      while (!all.has(at)) {
        all.add(at);
        if (this.#steps[at] === 'any number') at += 1;
      }
    }
    return [...all];
  }
}

/** The last step of what ends in `**`. */
const visible: SegmentMatcher = (name) => !name.startsWith('.');

/** The directories that a pattern names before its first wildcard: `src/lib` of `src/lib/*.c`. */
export function plainStart(pattern: string): string {
  const parts = posix.normalize(pattern).split('/').slice(0, -1);
  const first = parts.findIndex((part) => isPattern(part));
  return (first === -1 ? parts : parts.slice(0, first)).join('/');
}

/** Whether a text stands for other names than itself. */
export function isPattern(text: string): boolean {
  return /[*?[\]{}!()]/.test(text);
}

/** Patterns without a choice that has a `/` in it. What leads out of the directory matches nothing in it. */
function alternatives(pattern: string): string[] {
  // A leading `!` would say what is not meant, by which nothing is.
  if (pattern === '' || /^!(?!\()/.test(pattern)) return [];
  const done: string[] = [];
  const waiting = [pattern];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const choices = choicesOf(next);
    if (choices === undefined) done.push(next);
    else for (const each of choices) waiting.push(each);
    if (done.length + waiting.length <= mostAlternatives) continue;
    throw new BunnyError('BUNNY_EPATH', 'this pattern stands for more than a thousand others', {
      where: pattern.slice(0, 100),
      hint: 'write shorter ones, or name directories',
    });
  }
  return done.map((each) => posix.normalize(each.replace(/(?<=.)\/+$/, ''))).filter(isBelow);
}

function isBelow(pattern: string): boolean {
  return !pattern.startsWith('/') && !pattern.split('/').includes('..');
}

/** What a pattern comes to by each choice of its first `{ , }` or `( | )` that holds a `/` or is a `**`. */
function choicesOf(pattern: string): string[] | undefined {
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern[at];
    if (character === '\\') at++;
    if (character !== '{' && character !== '(') continue;
    const group = groupAt(pattern, at);
    if (group === undefined) continue;
    if (!pattern.slice(at, group.end).includes('/') && !group.choices.includes('**')) continue;
    const sign = character === '(' ? (/[@?*+!]$/.exec(pattern.slice(0, at))?.[0] ?? '') : '';
    if (sign !== '' && sign !== '@') continue;
    const [before, after] = [pattern.slice(0, at - sign.length), pattern.slice(group.end)];
    return group.choices.map((choice) => before + choice + after);
  }
  return undefined;
}

/** The choices of the group that opens at `from`, and the place after it; undefined where it has no end, or no choice. */
function groupAt(pattern: string, from: number): { choices: string[]; end: number } | undefined {
  const separator = pattern[from] === '{' ? ',' : '|';
  const choices: string[] = [];
  const open: string[] = [];
  let start = from + 1;
  for (let at = from; at < pattern.length; at++) {
    const character = pattern[at] ?? '';
    if (character === '\\') at++;
    else if (character === '{' || character === '(') open.push(character === '{' ? '}' : ')');
    else if (character === open.at(-1)) {
      open.pop();
      if (open.length > 0) continue;
      choices.push(pattern.slice(start, at));
      return choices.length > 1 || character === ')' ? { choices, end: at + 1 } : undefined;
    } else if (character === separator && open.length === 1) {
      choices.push(pattern.slice(start, at));
      start = at + 1;
    }
  }
  return undefined;
}
