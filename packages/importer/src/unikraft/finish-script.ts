import type { BuildTree } from './build-tree.js';
import { readCommands } from './command-line.js';
import { refused } from './refused.js';
import { shellCommand } from './shell-text.js';

/** What is done to a linked image, in order: suffixes of what make notes each step under. */
const steps = ['.dbg.uk_reloc.bin', '', '.bootinfo', '.bin', '.img', '.multiboot'];

/**
 * The lines of shell from the linked image `$OUT.dbg` to the finished one, `$OUT`. Throws BUNNY_EIMPORT for a step that is
 * not known: an image without it may boot to silence.
 */
export function finishScript(tree: BuildTree): string {
  const { roots, build, link } = tree;
  const held = roots.directory(build);
  const names = held?.list() ?? [];
  held?.close();
  const image = link.image.slice(build.length + 1);
  const found = names
    .filter((name) => name.startsWith(image) && name.endsWith('.cmd') && name !== `${image}.dbg.cmd`)
    .map((name) => name.slice(image.length, -'.cmd'.length));
  const unknown = found.find((suffix) => !steps.includes(suffix));
  if (unknown !== undefined) {
    throw refused(
      `the build has a step after the link that import does not know: ${unknown.slice(1)}`,
      `${link.image}${unknown}.cmd`,
      'configure Unikraft without what it is for',
    );
  }
  const word = (path: string) =>
    path === link.image || path.startsWith(`${link.image}.`)
      ? `"$OUT${path.slice(link.image.length)}"`
      : undefined;
  const lines = steps
    .filter((suffix) => found.includes(suffix))
    .flatMap((suffix) => {
      const file = `${link.image}${suffix}.cmd`;
      return readCommands(roots.text(file), file).map((command) => shellCommand(command, tree, word, file));
    });
  return `${lines.join('\n')}\n`;
}
