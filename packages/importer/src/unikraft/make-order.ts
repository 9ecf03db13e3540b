import { statSync } from 'node:fs';
import type { BuildFacts } from './build-config.js';
import type { Library } from './build-tree.js';
import type { LinkLine } from './link-line.js';
import { refused } from './refused.js';
import type { SourceRoots } from './source-roots.js';

/**
 * Refuses a tree that make would go on with: an object that is older than what it is made of, a library that is older than
 * its objects, an image that is older than its libraries. Throws BUNNY_EIMPORT.
 */
export function requireUpToDate(
  roots: SourceRoots,
  libraries: readonly Library[],
  link: LinkLine,
  facts: BuildFacts,
  build: string,
): void {
  const times = new Map<string, number>();
  const timeOf = (path: string): number => {
    let time = times.get(path);
    if (time === undefined) {
      // Of what lies outside no more is told than that it is older.
      const isInside = roots.labelled(path) !== undefined || path.startsWith(`${facts.app}/`);
      const status = isInside ? statSync(path, { throwIfNoEntry: false }) : undefined;
      if (isInside && status === undefined) {
        throw refused(
          'the tree is incomplete: a file that it was built from is missing',
          path,
          'run make in it again',
        );
      }
      time = status?.mtimeMs ?? 0;
      times.set(path, time);
    }
    return time;
  };
  const requireNewer = (made: string, from: readonly string[]) => {
    const newer = from.find((path) => timeOf(path) > timeOf(made));
    if (newer === undefined) return;
    throw refused(
      'the build is not finished: something is newer than what is made of it',
      made,
      'run make until it is done',
      [`newer: ${newer}`],
    );
  };
  for (const { name, members } of libraries) {
    for (const { object, prerequisites } of members) {
      if (prerequisites !== undefined) requireNewer(object, [prerequisites.source, ...prerequisites.headers]);
    }
    requireNewer(
      `${build}/${name}.ld.o`,
      members.map(({ object }) => object),
    );
    requireNewer(`${build}/${name}.o`, [`${build}/${name}.ld.o`]);
  }
  requireNewer(`${link.image}.dbg`, [
    ...link.libraries.map((name) => `${build}/${name}.o`),
    link.defaultScript,
    ...link.extraScripts,
  ]);
  requireNewer(link.image, [`${link.image}.dbg`]);
}
