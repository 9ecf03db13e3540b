import { lstatSync, statSync } from 'node:fs';
import { join, posix } from 'node:path';
import type { WorkPlace } from 'bunny-libos-tooling';
import type { BuildPlan } from '../plan/build-plan.js';
import { embeddedFiles } from './embedded-files.js';
import { type HostDirectories, pathOnHost } from './line-for-user.js';
import { Namesakes } from './namesakes.js';
import { ownPath } from './own-path.js';

/**
 * Removes the objects that ninja would take for up to date, as it goes by the times of last change of what the
 * compiler read, and are not:
 * - those of which a source or header came to its place after they were made, whatever its own time (`mv`, `cp -p`,
 *   `tar`);
 * - those made before there was a file that an `#include` may mean now instead of what it meant then: one of the same
 *   name, seen from a directory of `searched` or from that of a file of the app which was read. What a source asked for
 *   by `__has_include`, and did not find, is not known;
 * - those that may have embedded a file which was changed since.
 *
 * Every build looks at every file here, so this is done without waiting: that takes a tenth of the time.
 */
export function forgetReplaced(
  plan: BuildPlan,
  work: WorkPlace,
  directories: HostDirectories,
  searched: readonly string[],
): void {
  const dependencies = work.dependencies();
  const embedded = embeddedFiles(work);
  const objects = plan.steps.flatMap(({ kind, inputs, outputs }) =>
    kind === 'compile'
      ? outputs.map((output) => ({
          output,
          read: [...inputs, ...(dependencies.get(output) ?? []), ...(embedded.get(output) ?? [])],
        }))
      : [],
  );
  const searchedHere = searched.flatMap((path) => ownPath(path) ?? []);
  const files = new Map<string, OwnFile | 'not of the app'>();
  const made = objects.map(({ output, read }) => {
    const places = new Set(searchedHere);
    let last = 0;
    for (const path of read) {
      const file = files.get(path) ?? ownFile(path, directories.source) ?? 'not of the app';
      files.set(path, file);
      if (file === 'not of the app') continue;
      places.add(file.directory);
      last = Math.max(last, file.arrival);
    }
    return { output, read, places, last };
  });
  const namesakes = new Namesakes(directories.source, [...files.keys()]);
  for (const { output, read, places, last } of made) {
    let latest = last;
    for (const place of places) latest = Math.max(latest, namesakes.lastOf(read, place));
    // Over a link it would be another's time: no more than that.
    const time = lstatSync(pathOnHost(output, directories), { throwIfNoEntry: false })?.mtimeMs;
    if (time !== undefined && latest > time) work.remove(output);
  }
}

/** A file of the app that a compiler read. */
interface OwnFile {
  /** By path from the Bunnyfile. */
  directory: string;
  /** When it came to its place, or was last changed there. Milliseconds; 0 where it is gone. */
  arrival: number;
}

function ownFile(path: string, root: string): OwnFile | undefined {
  const own = ownPath(path);
  if (own === undefined) return undefined;
  const arrival = statSync(join(root, own), { throwIfNoEntry: false })?.ctimeMs ?? 0;
  return { directory: posix.dirname(own), arrival };
}
