import { existsSync, realpathSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { BunnyError } from 'bunny-libos-spec';
import { gccVersion } from '../compiler-version.js';
import { withoutDebug } from '../without-debug.js';
import { type BuildConfig, type BuildFacts, buildFacts, readConfig } from './build-config.js';
import { type Command, readCommands } from './command-line.js';
import { type LinkLine, readLinkLine } from './link-line.js';
import { requireUpToDate } from './make-order.js';
import { type Prerequisites, readPrerequisites } from './prerequisites.js';
import { refused } from './refused.js';
import { isWithin, SourceRoots } from './source-roots.js';

/** An object that a library was made of, before it became one. */
export interface Member {
  /** Absolute path of the object. */
  object: string;
  command: Command;
  /** Undefined where no compiler made it. */
  prerequisites: Prerequisites | undefined;
}

/** A library of the image. */
export interface Library {
  name: string;
  /** What is linked, without debugging sections. */
  object: Buffer;
  /** In the order in which they were linked. */
  members: Member[];
  /** Makes `L.ld.o` of the members, and `L.o` of that. */
  partialLink: Command;
  exportSymbols: Command;
}

/** A finished build of Unikraft, whole and up to date. */
export interface BuildTree extends BuildFacts {
  /** Its directory, as its commands have it. */
  build: string;
  config: BuildConfig;
  link: LinkLine;
  /** In the order of the link, the app among them. */
  libraries: Library[];
  appLibrary: string;
  /** Major version of the GCC that made it. */
  gcc: number;
  roots: SourceRoots;
}

/**
 * Reads a finished build. Nothing of it is run, and only what lies in the build, in Unikraft and in its libraries is read.
 * The caller closes `roots`. Throws BUNNY_EIMPORT with the reason where it cannot be imported, and BUNNY_EPATH,
 * BUNNY_ENOFILE, BUNNY_ELIMIT for files that no build leaves.
 */
export function readBuildTree(directory: string): BuildTree {
  const roots = new SourceRoots();
  try {
    return read(directory, roots);
  } catch (error) {
    roots.close();
    throw error;
  }
}

function read(directory: string, roots: SourceRoots): BuildTree {
  roots.add('build', directory);
  const given = resolve(directory);
  const file = `${given}/config`;
  if (!roots.isThere(file)) {
    throw refused(
      'there is no finished build of Unikraft here',
      given,
      'name the directory `build` of the app, after make',
    );
  }
  const config = readConfig(roots.text(file));
  const facts = buildFacts(config, file);
  const build = recordedPlace(roots, given);
  if (build !== given) roots.add('build', build);
  addBase(roots, facts, file);
  const link = readLink(roots, build);
  const libraries = link.libraries.map((name) => readLibrary(roots, build, name));
  addLibraries(roots, libraries, facts);
  const apps = libraries.filter(({ members }) => members.some((member) => isOfApp(member, facts, roots)));
  const [app] = apps;
  if (app === undefined || apps.length > 1) {
    throw refused(
      apps.length === 0
        ? 'no library of the image has its sources in the directory of the app'
        : 'several libraries of the image have their sources in the directory of the app',
      facts.app,
      'keep the app in one library of its own, and everything else outside of its directory',
      apps.map(({ name }) => name),
    );
  }
  requireUpToDate(roots, libraries, link, facts, build);
  requireSameLibraries(roots, link, build);
  const gcc = gccVersion(libraries.find((one) => one !== app)?.object ?? app.object);
  if (gcc === undefined) {
    throw refused('the objects do not say that GCC made them', build, 'build the tree with GCC');
  }
  return { ...facts, build, config, link, libraries, appLibrary: app.name, gcc, roots };
}

/** Where the tree was built, as its commands say: they hold absolute paths. */
function recordedPlace(roots: SourceRoots, given: string): string {
  const held = roots.directory(given);
  const names = held?.list() ?? [];
  held?.close();
  const images = names.filter((name) => name.endsWith('.dbg.cmd'));
  const [image] = images;
  if (image === undefined || images.length > 1) {
    throw refused(
      image === undefined
        ? 'the build is not finished: no image was linked'
        : 'the build has several images: it was configured again without being cleaned',
      given,
      image === undefined ? 'run make until it is done' : 'run make clean, then make',
      images,
    );
  }
  const output = readCommands(roots.text(`${given}/${image}`), `${given}/${image}`)
    .flatMap(({ words }) => words)
    .find((_, index, words) => words[index - 1] === '-o');
  const place = dirname(output ?? '');
  if (place === given) return given;
  try {
    if (realpathSync(place) === realpathSync(given)) return place;
  } catch {}
  throw refused(
    `the tree was built at ${place}, and is elsewhere now`,
    given,
    'its commands and debugging data have the place: build it where it is, or import it where it was built',
  );
}

function addBase(roots: SourceRoots, { base, version }: BuildFacts, where: string): void {
  roots.add('base', base);
  const file = `${base}/version.mk`;
  if (!roots.isThere(file) || !roots.isThere(`${base}/support/scripts`)) {
    throw refused(
      `CONFIG_UK_BASE does not lead to Unikraft: ${base}`,
      where,
      'import the tree where it was built',
    );
  }
  const part = (name: string) => new RegExp(`^${name}\\s*=\\s*(\\d+)$`, 'm').exec(roots.text(file))?.[1];
  const now = `${part('UK_VERSION')}.${part('UK_SUBVERSION')}.${part('UK_EXTRAVERSION') ?? 0}`;
  if (now === version) return;
  throw refused(
    `the tree was built with Unikraft ${version}, and its directory has ${now} now`,
    file,
    'rebuild the tree, or check out the version that it was built with',
  );
}

function readLink(roots: SourceRoots, build: string): LinkLine {
  const held = roots.directory(build);
  const name = held?.list().find((one) => one.endsWith('.dbg.cmd')) ?? '';
  held?.close();
  const line = readLinkLine(
    readCommands(roots.text(`${build}/${name}`), `${build}/${name}`),
    build,
    `${build}/${name}`,
  );
  if (!roots.isThere(line.image)) {
    throw refused('the build is not finished: its image is missing', line.image, 'run make until it is done');
  }
  return line;
}

function readLibrary(roots: SourceRoots, build: string, name: string): Library {
  const one = (path: string): Command => {
    const [command, ...more] = readCommands(roots.text(`${path}.cmd`), `${path}.cmd`);
    if (command !== undefined && more.length === 0) return command;
    throw refused('a library was not made by one command', `${path}.cmd`, 'rebuild the tree, unchanged');
  };
  const partialLink = one(`${build}/${name}.ld.o`);
  const members = partialLink.words
    .filter((word) => word.startsWith('/') && /\.o$/.test(word) && word !== `${build}/${name}.ld.o`)
    .map((object): Member => {
      const listing = object.replace(/\.o$/, '.d');
      return {
        object,
        command: one(object),
        prerequisites: roots.isThere(listing) ? readPrerequisites(roots.text(listing)) : undefined,
      };
    });
  const path = `${build}/${name}.o`;
  return {
    name,
    object: withoutDebug(roots.read(path, 'object'), path),
    members,
    partialLink,
    exportSymbols: one(path),
  };
}

/**
 * Libraries from outside of Unikraft: each lies in a directory with a Makefile.uk that declares it, often below that of the
 * app.
 */
function addLibraries(roots: SourceRoots, libraries: readonly Library[], facts: BuildFacts): void {
  let count = 0;
  for (const { name, members } of libraries) {
    for (const { prerequisites } of members) {
      if (prerequisites === undefined || roots.labelled(prerequisites.source) !== undefined) continue;
      const directory = declaringDirectory(prerequisites.source);
      if (directory === facts.app) continue;
      if (directory === undefined) {
        throw refused(
          `the library ${name} has sources that belong to no library of Unikraft`,
          prerequisites.source,
          'import the tree where it was built, with its libraries in their places',
        );
      }
      count += 1;
      roots.add(`library${count}`, directory);
      const makefile = `${directory}/Makefile.uk`;
      if (/\$\(call addlib(?:_s)?,/.test(roots.text(makefile))) continue;
      throw refused('this Makefile.uk declares no library', makefile, 'see where the build got it from');
    }
  }
}

/** The nearest directory above a source that declares libraries. */
function declaringDirectory(source: string): string | undefined {
  for (
    let directory = dirname(source);
    directory !== '/' && directory !== '.';
    directory = dirname(directory)
  ) {
    if (existsSync(`${directory}/Makefile.uk`)) return directory;
  }
  return undefined;
}

function isOfApp({ prerequisites }: Member, { app }: BuildFacts, roots: SourceRoots): boolean {
  if (prerequisites === undefined || roots.labelled(prerequisites.source) !== undefined) return false;
  return isWithin(prerequisites.source, app);
}

/** The list that is baked into the image must be of what is linked. */
function requireSameLibraries(roots: SourceRoots, { libraries }: LinkLine, build: string): void {
  const file = `${build}/libuklibid/libraries.in`;
  if (!roots.isThere(file)) throw refused('the tree has no libuklibid', build, 'build it with Unikraft 0.17');
  const listed = new Set(
    roots
      .text(file)
      .split('\n')
      .filter((name) => name !== ''),
  );
  const linked = new Set(libraries);
  const odd = [...new Set([...linked, ...listed])].filter((name) => linked.has(name) !== listed.has(name));
  if (odd.length === 0) return;
  throw refused(
    'the tree is a mix of two configurations: what it lists is not what it links',
    file,
    'run make clean, then make',
    odd.map((name) => `${name}: ${linked.has(name) ? 'linked, not listed' : 'listed, not linked'}`),
  );
}

/** The name of a configuration where none is given: that of the app's directory. Throws BUNNY_EUSAGE where it has no letters. */
export function configurationName({ app }: BuildFacts): string {
  const plain = basename(app)
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '');
  if (plain !== '') return plain;
  throw new BunnyError('BUNNY_EUSAGE', 'the configuration has no name', {
    where: app,
    hint: 'give it one: NAME=BUILD_DIR',
  });
}
