import type { BuildTree } from './build-tree.js';
import type { Command } from './command-line.js';
import { refused } from './refused.js';

/** A word for a shell that stands for itself. */
export function quoted(word: string): string {
  return /^[\w.,:=+@%/-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** Turns an absolute path of the tree into a word for a shell, in double quotes; undefined where it is no path of its. */
export type PathWord = (path: string) => string | undefined;

/** Programs that a build runs to make objects and images, without the prefix of a cross compiler. */
const tools = /^(?:[\w-]+-)?(gcc|g\+\+|ld|as|ar|nm|objcopy|objdump|strip|readelf)(?:-\d+)?$/;

/**
 * A recorded command as a line of shell, its programs by the names that the root has, its paths as `pathWord` says. A
 * program that is none of the known ones is refused, and so is a path that leads elsewhere. Throws BUNNY_EIMPORT.
 */
export function shellCommand(
  { words, out }: Command,
  tree: BuildTree,
  pathWord: PathWord,
  where: string,
): string {
  const [program = '', ...rest] = words;
  const line = [programWords(program, tree, where), ...rest.map((word) => wordText(word, pathWord, where))];
  return [...line, ...(out === undefined ? [] : ['>', wordText(out, pathWord, where)])].join(' ');
}

function programWords(program: string, { base }: BuildTree, where: string): string {
  const [, tool] = tools.exec(program) ?? [];
  if (tool !== undefined) return tool === 'gcc' ? '"$CC"' : `"$MACHINE-${tool}"`;
  if (program === 'awk') return 'awk';
  const [, script] = /^\/support\/scripts\/([\w-]+\.py)$/.exec(program.slice(base.length)) ?? [];
  if (script !== undefined && program.startsWith(`${base}/`)) return `python3 "$C/scripts/${script}"`;
  throw refused(
    `a step of the build runs ${program}, which import does not know`,
    where,
    'see what the step does',
  );
}

/** A word that is a path, or ends in one after `=`, `,` or `-I`; or a plain word. */
function wordText(word: string, pathWord: PathWord, where: string): string {
  const [, before = '', path] = /^((?:[^/]*[=,]|-I|-L)?)(\/.*)$/.exec(word) ?? [];
  if (path === undefined) return quoted(word);
  const mapped = pathWord(path);
  if (mapped !== undefined) return `${before === '' ? '' : quoted(before)}${mapped}`;
  throw refused(
    `a command of the build names ${path}, which is not of the build`,
    where,
    'rebuild the tree, unchanged',
  );
}
