import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { readDependencies } from '@bunny/tooling';
import { ownFiles } from './app-inputs.js';
import type { BuildPlan } from './build-plan.js';
import { type HostDirectories, pathOnHost } from './host-paths.js';

/**
 * Removes the objects of which a source or header came to its place after they were made, whatever its time of last
 * change: ninja goes by that alone, and would not see a file that an older one replaced (`mv`, `cp -p`, `tar`).
 */
export async function forgetReplaced(
  plan: BuildPlan,
  work: string,
  directories: HostDirectories,
): Promise<void> {
  const dependencies = await readDependencies(work);
  const arrivals = new Map<string, Promise<number>>();
  const arrival = (path: string) => {
    const known = arrivals.get(path) ?? timeOf(join(directories.source, path), 'ctimeMs');
    arrivals.set(path, known);
    return known;
  };
  const objects = plan.steps.flatMap(({ kind, inputs, outputs }) =>
    kind === 'compile' ? outputs.map((output) => ({ inputs, output })) : [],
  );
  await Promise.all(
    objects.map(async ({ inputs, output }) => {
      const object = pathOnHost(output, directories);
      const made = await timeOf(object, 'mtimeMs');
      const read = ownFiles([...inputs, ...(dependencies.get(output) ?? [])]);
      const last = Math.max(0, ...(await Promise.all(read.map(arrival))));
      if (last > made) await rm(object, { force: true });
    }),
  );
}

/** 0 where there is no such file. */
async function timeOf(path: string, which: 'ctimeMs' | 'mtimeMs'): Promise<number> {
  const found = await stat(path).catch(() => undefined);
  return found?.[which] ?? 0;
}
