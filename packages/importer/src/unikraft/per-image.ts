import { dirname } from 'node:path/posix';
import type { NewFile } from '../new-tree.js';
import { withoutDebug } from '../without-debug.js';
import type { BuildTree, Library, Member } from './build-tree.js';
import { type Command, readCommands } from './command-line.js';
import { configHeader, libraryIds, neutralConfig } from './public-headers.js';
import { shellCommand } from './shell-text.js';

/** The library that has the list of all. */
export const idLibrary = 'libuklibid';
/** The numbers of the libraries, in its directory of the build. */
const numbers = `include/${libraryIds}`;
/** What sources call the name of the image. */
const imageName = /\bCONFIG_UK_(?:DEF)?NAME\b/;

/** What is made for each image, since the image's name or the list of its libraries is in it. */
export interface PerImageLibrary {
  name: string;
  /** Lines of shell that make it, `$W` being a directory for what they make. */
  script: string;
  /** What they read, by paths in the configuration's directory of the overlay. */
  files: Map<string, NewFile>;
}

/** The libraries of a tree that are made for each image. */
export function perImageLibraries(tree: BuildTree): PerImageLibrary[] {
  const namesImage = namingFiles(tree);
  return tree.libraries
    .filter(({ name }) => name !== tree.appLibrary)
    .flatMap((library) => {
      const remade = library.members.filter(
        ({ prerequisites }) =>
          library.name === idLibrary ||
          (prerequisites !== undefined && [prerequisites.source, ...prerequisites.headers].some(namesImage)),
      );
      return remade.length === 0 ? [] : [replay(tree, library, remade)];
    });
}

/** Tells whether a file that an object is made of says the name of the image. Thousands of objects have the same headers. */
function namingFiles({ roots, build }: BuildTree): (path: string) => boolean {
  const known = new Map([[`${build}/include/${configHeader}`, false]]);
  return (path) => {
    let names = known.get(path);
    if (names === undefined) {
      names = roots.labelled(path) !== undefined && imageName.test(roots.text(path));
      known.set(path, names);
    }
    return names;
  };
}

/** Does again what make did for a library, with what `remade` says made anew, and the rest taken as it was. */
function replay(tree: BuildTree, library: Library, remade: readonly Member[]): PerImageLibrary {
  const { build } = tree;
  const again = new Replay(tree, library.name);
  again.lists(library.name === idLibrary);
  for (const member of library.members) {
    if (remade.includes(member)) again.compile(member);
    else again.take(member.object, withoutDebug(tree.roots.read(member.object, 'object'), member.object));
  }
  for (const word of library.exportSymbols.words) {
    const [, list] = /^--keep-global-symbols=(.*)$/.exec(word) ?? [];
    if (list !== undefined) again.take(list);
  }
  again.run(library.partialLink, `${build}/${library.name}.ld.o`);
  again.run(library.exportSymbols, `${build}/${library.name}.o`);
  return { name: library.name, script: again.script, files: again.files };
}

/** The object of the app's own library that says what it is, where the configuration has such. */
export function appInfo(tree: BuildTree): PerImageLibrary | undefined {
  const app = tree.libraries.find(({ name }) => name === tree.appLibrary);
  const info = app?.members.find(
    ({ prerequisites }) => prerequisites?.source === `${tree.base}/lib/uklibid/libinfo.S`,
  );
  if (info === undefined) return undefined;
  const again = new Replay(tree, tree.appLibrary, info.object);
  again.lists(false);
  again.compile(info);
  return {
    name: 'app-info',
    script: again.script.replaceAll(`-D__LIBNAME__=${tree.appLibrary} `, '-D__LIBNAME__="$APP" '),
    files: again.files,
  };
}

/** The header with the numbers of the libraries, which sources of the app may include. */
export function libraryNumbers(tree: BuildTree): PerImageLibrary {
  const again = new Replay(tree, idLibrary, `${tree.build}/${idLibrary}/include/${libraryIds}`);
  again.lists(false);
  return { name: 'libid', script: again.script, files: again.files };
}

/** Commands of make that are done again in another place. */
class Replay {
  readonly files = new Map<string, NewFile>();
  readonly #tree: BuildTree;
  readonly #made = new Set<string>();
  readonly #lines: string[] = [];
  /** What is wanted in the end. */
  readonly #out: string;

  constructor(tree: BuildTree, library: string, out = `${tree.build}/${library}.o`) {
    this.#tree = tree;
    this.#out = out;
  }

  get script(): string {
    const directories = [...this.#made].map((path) => dirname(path).slice(this.#tree.build.length));
    const made = [...new Set(directories)].sort().map((path) => `"$W${path}"`);
    return `mkdir -p ${made.join(' ')}\n${this.#lines.join('\n')}\n`;
  }

  /** Keeps a file of the tree as it is, or `content`, unless it is made here. */
  take(path: string, content?: string | Buffer): void {
    const label = this.#tree.roots.labelled(path);
    if (label === undefined || this.#made.has(path)) return;
    this.files.set(label, { content: content ?? this.#tree.roots.read(path, 'object') });
  }

  /** Makes the lists of libraries that awk makes: all of them, or the numbers alone. */
  lists(all: boolean): void {
    const { build, roots } = this.#tree;
    for (const name of all ? [numbers, 'namemap.c', 'selfids.c', 'exportsyms.uk'] : [numbers]) {
      const out = `${build}/${idLibrary}/${name}`;
      if (!roots.isThere(`${out}.cmd`)) continue;
      for (const command of readCommands(roots.text(`${out}.cmd`), `${out}.cmd`)) {
        for (const word of command.words) if (word.endsWith('.awk')) this.take(word);
        this.run(command, out);
      }
    }
  }

  compile({ object, command, prerequisites }: Member): void {
    const { build, roots } = this.#tree;
    for (const path of [prerequisites?.source ?? '', ...(prerequisites?.headers ?? [])]) this.take(path);
    const config = `${build}/include/${configHeader}`;
    this.take(config, neutralConfig(roots.text(config)));
    for (const word of command.words) {
      const [, data] = /^-D\w+=(\/.*)$/.exec(word) ?? [];
      if (data !== undefined) this.take(data);
    }
    this.run(command, object);
  }

  run({ words, out }: Command, made: string): void {
    this.#made.add(made);
    // Lists of headers are make's, and debugging data goes with the strip.
    const plain = words.filter((word) => !word.startsWith('-Wp,-MD,') && !/^-g\d?$/.test(word));
    const command = { words: plain, out };
    const line = shellCommand(command, this.#tree, (path) => this.#word(path), `${made}.cmd`);
    this.#lines.push(words.includes('-c') ? line.replace('"$CC"', '"$CC" -include "$W/image-name.h"') : line);
  }

  #word(path: string): string | undefined {
    const { build, roots } = this.#tree;
    if (path === this.#out) return '"$OUT"';
    if (path === `${build}/${idLibrary}/libraries.in`) return '"$W/libraries.in"';
    if (this.#made.has(path) || path === `${build}/${idLibrary}/include`)
      return `"$W${path.slice(build.length)}"`;
    const label = roots.labelled(path);
    return label === undefined ? undefined : `"$C/${label}"`;
  }
}
