import type { NewFile, NewTree } from '../new-tree.js';
import type { BuildTree, Library } from './build-tree.js';
import type { Command } from './command-line.js';
import { finishScript } from './finish-script.js';
import { appInfo, libraryNumbers, type PerImageLibrary } from './per-image.js';
import { shellCommand } from './shell-text.js';

/** What a configuration puts into the overlay, by paths in its own directory there. */
export function layerFiles(tree: BuildTree, perImage: readonly PerImageLibrary[]): NewTree {
  const files: NewTree = new Map();
  const add = (path: string, content: NewFile['content']) => files.set(path, { content });
  const info = appInfo(tree);
  for (const one of [...perImage, libraryNumbers(tree), ...(info === undefined ? [] : [info])]) {
    for (const [path, file] of one.files) files.set(path, file);
    add(`${one.name}.sh`, one.script);
  }
  add('per-image', perImage.map(({ name }) => `${name}\n`).join(''));
  add('link.sh', linkScript(tree));
  const finish = finishScript(tree);
  add('finish.sh', finish);
  for (const [, name = ''] of finish.matchAll(/"\$C\/scripts\/([\w-]+\.py)"/g)) {
    add(`scripts/${name}`, tree.roots.read(`${tree.base}/support/scripts/${name}`));
  }
  return files;
}

/** The two links of an image, as functions of a shell. */
function linkScript(tree: BuildTree): string {
  const { link, libraries, appLibrary } = tree;
  const app = libraries.find(({ name }) => name === appLibrary);
  const order = link.libraries.map((name) => (name === appLibrary ? '@app' : name));
  const line = (words: readonly string[], where: string) =>
    shellCommand({ words: [link.program, ...words] }, tree, () => undefined, where).replace(/^\S+ ?/, '');
  const where = `${link.image}.dbg.cmd`;
  return `ORDER='${order.join(' ')}'
link_app() {
${app === undefined ? '' : appLink(tree, app)}}
link_image() {
	"$CC" ${line(link.before, where)} "$@" ${line(link.after, where)} $default $extra -Wl,-Map="$MAP" -o "$OUT"
}
`;
}

function appLink(tree: BuildTree, { name, members, partialLink, exportSymbols }: Library): string {
  const { build } = tree;
  const objects = new Set(members.map(({ object }) => object));
  let isFirst = true;
  const word = (path: string): string | undefined => {
    if (path === `${build}/${name}.ld.o`) return '"$W/app.ld.o"';
    if (path === `${build}/${name}.o`) return '"$W/app.o"';
    if (!objects.has(path)) return undefined;
    const all = isFirst ? '"$@"' : '';
    isFirst = false;
    return all;
  };
  const line = (command: Command, path: string) => `\t${shellCommand(command, tree, word, `${path}.cmd`)}\n`;
  return line(partialLink, `${build}/${name}.ld.o`) + line(exportSymbols, `${build}/${name}.o`);
}
