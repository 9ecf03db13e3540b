import { matchesPattern } from './file-pattern.js';

/** Patterns that the braces of one glob may multiply to. */
const mostAlternatives = 256;

/** A glob, taken apart: each alternative as the patterns of its path segments. */
export interface Glob {
  alternatives: readonly (readonly string[])[];
}

/**
 * Reads a glob: `*`, `?` and `[a-z]` within a name, `**` for any number of directories, `{a,b}` for alternatives. As in
 * a shell, a name that starts with a dot is matched only by a pattern that starts with one.
 * Throws RangeError where braces multiply to over 256 patterns.
 */
export function parseGlob(glob: string): Glob {
  const done: string[] = [];
  const open = [glob];
  for (let pattern = open.pop(); pattern !== undefined; pattern = open.pop()) {
    // The innermost braces first, so that they may be nested.
    const [, before, choices, after] = /^(.*)\{([^{}]*)\}(.*)$/s.exec(pattern) ?? [];
    if (choices === undefined) done.push(pattern);
    else for (const choice of choices.split(',')) open.push(`${before}${choice}${after}`);
    if (open.length + done.length > mostAlternatives) {
      throw new RangeError(`${JSON.stringify(glob)} has over ${mostAlternatives} alternatives`);
    }
  }
  const segments = (pattern: string) => pattern.split('/').filter((segment) => !['', '.'].includes(segment));
  return { alternatives: done.map(segments) };
}

/** True where a string is not a glob but the path of just one file. */
export function isPlainPath(text: string): boolean {
  return !/[*?[{]/.test(text);
}

/** True where the glob matches a whole path. */
export function matchesGlob({ alternatives }: Glob, path: string): boolean {
  const names = path.split('/');
  return alternatives.some((segments) => reached(segments, names).has(segments.length));
}

/** True where the glob can match something below a directory. */
export function canMatchBelow({ alternatives }: Glob, directory: string): boolean {
  const names = directory.split('/');
  return alternatives.some((segments) => [...reached(segments, names)].some((at) => at < segments.length));
}

/** How many of the segments the names can use up: all possible counts. */
function reached(segments: readonly string[], names: readonly string[]): Set<number> {
  let counts = withSkips(new Set([0]), segments);
  for (const name of names) {
    const next = new Set<number>();
    for (const at of counts) {
      const segment = segments[at];
      if (segment === undefined) continue;
      if (segment === '**') {
        if (!name.startsWith('.')) next.add(at);
      } else if (matchesName(name, segment)) next.add(at + 1);
    }
    counts = withSkips(next, segments);
  }
  return counts;
}

/** `**` matches no directory as well. */
function withSkips(counts: Set<number>, segments: readonly string[]): Set<number> {
  for (const at of counts) if (segments[at] === '**') counts.add(at + 1);
  return counts;
}

function matchesName(name: string, segment: string): boolean {
  return (!name.startsWith('.') || segment.startsWith('.')) && matchesPattern(name, segment);
}
