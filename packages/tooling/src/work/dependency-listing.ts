import { readdirSync } from 'node:fs';
import { posix } from 'node:path';
import { BunnyError, exitStatus } from 'bunny-libos-spec';
import { sandboxDirectories } from '../sandbox/directories.js';
import { sizeLimits } from './size-limits.js';

/** Output -> the files that it was made from beyond its inputs, as the compiler named them, in its order. */
export type FilesRead = ReadonlyMap<string, readonly string[]>;

/**
 * What `ninja -t deps` prints (ninja's manual, "Extra tools"). Throws BUNNY_ELIMIT where that names more files than any
 * project has: commands in the sandbox write what it says.
 */
export function parseDependencies(text: string): FilesRead {
  const dependencies = new Map<string, string[]>();
  const distinct = new Map<string, string>();
  let current: string[] | undefined;
  for (const line of linesOf(text)) {
    // "out: #deps 2, deps mtime 17 (VALID)", then the files, each behind four blanks.
    if (line.startsWith('    ')) {
      const path = line.slice(4);
      // Each object reads the same headers, over and over.
      if (!distinct.has(path)) distinct.set(path, path);
      if (distinct.size > sizeLimits.filesRead) throw tooMany();
      current?.push(distinct.get(path) ?? path);
      continue;
    }
    const output = /^(\S.*): #deps \d+, deps mtime \d+ \(VALID\)$/.exec(line)?.[1];
    current = output === undefined ? undefined : [];
    if (output !== undefined && current !== undefined) dependencies.set(output, current);
  }
  return dependencies;
}

function tooMany(): BunnyError {
  return new BunnyError('BUNNY_ELIMIT', `the compilers read more than ${sizeLimits.filesRead} files`, {
    where: sandboxDirectories.work,
    hint: 'a command that ran in the sandbox says so: look at the flags, and at who made the tooling layer',
    exitStatus: exitStatus.buildFailed,
  });
}

/** One after the other: whoever wrote the text may have made it of line breaks alone. */
function* linesOf(text: string): Generator<string> {
  for (let start = 0; start < text.length; ) {
    const end = text.indexOf('\n', start);
    yield text.slice(start, end === -1 ? undefined : end);
    if (end === -1) return;
    start = end + 1;
  }
}

/** Where commands ran. */
export interface Surroundings {
  /** Working directory of the commands, inside. */
  directory: string;
  /** Tooling root. */
  root: string;
  /** Where the binds are, inside. */
  binds: readonly { to: string }[];
}

/**
 * Throws BUNNY_EPATH where something is said to be made from a file that is neither of the sources, nor of what is made
 * from them, nor of the closure, nor of the tooling root: of the machine, that is, as the sandbox shows it.
 */
export function requireInside(dependencies: FilesRead, { directory, root, binds }: Surroundings): void {
  const inRoot = readdirSync(root).filter((name) => !ofMachine.has(name));
  const inside = new Set([
    ...Object.values(sandboxDirectories).map(topOf),
    ...binds.map(({ to }) => topOf(to)),
    ...inRoot,
  ]);
  const seen = new Set<string>();
  for (const [output, files] of dependencies) {
    for (const file of files) {
      if (seen.has(file)) continue;
      seen.add(file);
      const path = posix.resolve(directory, file);
      if (inside.has(topOf(path)) || path === '/dev/null') continue;
      throw new BunnyError('BUNNY_EPATH', `the compiler read ${path}, which is not a source`, {
        where: output,
        hint: 'take what makes it do so out of the sources and flags: an image is made of sources, layers and tooling only',
        exitStatus: exitStatus.buildFailed,
      });
    }
  }
}

/** Directories that the sandbox makes itself, whatever the root has there. */
const ofMachine: ReadonlySet<string> = new Set(['dev', 'proc', 'tmp', 'sys', 'run']);

function topOf(path: string): string {
  return path.split('/')[1] ?? '';
}
