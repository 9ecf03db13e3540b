import type { BuildTree, Member } from './build-tree.js';
import { searchedDirectories } from './public-headers.js';
import { refused } from './refused.js';

/** How a tree compiles its app. */
export interface AppFlags {
  c: string[];
  asm: string[];
  /** Directories that a C source searches, in order. */
  searched: string[];
}

/** What is of one source or of one app. */
const own = /^-(?:I|Wp,|g\d?$|D__(?:LIBNAME|BASENAME|VARIANT)__=)/;

/** Reads them from the commands of the app's sources. Throws BUNNY_EIMPORT where it has none in C. */
export function appFlags(tree: BuildTree): AppFlags {
  const app = tree.libraries.find(({ name }) => name === tree.appLibrary);
  const members = app?.members ?? [];
  const c = members.find(({ prerequisites }) => prerequisites?.source.endsWith('.c'));
  if (c === undefined) {
    throw refused(
      'the app of the tree has no source in C',
      tree.app,
      'build the tree with an app in C: its compiler flags are taken',
    );
  }
  const asm = members.find(({ prerequisites }) => /\.[sS]$/.test(prerequisites?.source ?? ''));
  return {
    c: flagsOf(c, tree),
    asm: asm === undefined ? [...flagsOf(c, tree), '-D__ASSEMBLY__'] : flagsOf(asm, tree),
    searched: searchedDirectories(c.command.words),
  };
}

function flagsOf({ command, object }: Member, { build, base }: BuildTree): string[] {
  const flags: string[] = [];
  const [, ...words] = command.words;
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    if (word === '-o') words.shift();
    else if (word !== '-c' && !word.startsWith('/') && !own.test(word)) flags.push(word);
  }
  const machine = flags.find((flag) => flag.includes(build) || flag.includes(base) || /=\//.test(flag));
  if (machine === undefined) return flags;
  throw refused(
    `the app is compiled with ${machine}, which is of this machine`,
    `${object}.cmd`,
    'build the app without it',
  );
}
