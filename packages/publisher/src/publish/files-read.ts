import { BunnyError, exitStatus } from 'bunny-libos-spec';
import { type FilesRead, sandboxDirectories } from 'bunny-libos-tooling';
import type { CompileJob } from '../compile/job.js';
import { sourceRoot } from '../compile/steps.js';
import { outsideTree } from '../plan/source-tree.js';

/**
 * Throws BUNNY_ESOURCE where a source was compiled with a file of a maintainer's directory that its layer hash does not
 * know of: one that is not part of the component's source tree, or of another component and not public. Such a file could
 * change, and the published version with it.
 */
export function requireKnownFiles(jobs: readonly CompileJob[], read: FilesRead): void {
  for (const { variant, plan } of jobs) {
    const { local } = variant;
    const root = `${sourceRoot(local)}/`;
    const known = new Set(local.files.map(({ path }) => `${root}${path}`));
    for (const { source, output } of plan.objects) {
      const unknown = read
        .get(output)
        ?.find((path) => path.startsWith(`${sandboxDirectories.source}/`) && !known.has(path));
      if (unknown === undefined) continue;
      if (unknown.startsWith(root)) {
        throw outsideTree(`${source} includes ${unknown.slice(root.length)}, which`, local.file);
      }
      const name = unknown.slice(sandboxDirectories.source.length + 1);
      throw new BunnyError(
        'BUNNY_ESOURCE',
        `${source} includes ${name}, which is of another component, and not public`,
        {
          where: local.file,
          hint: 'name it in `include` of that component, or do without it',
          exitStatus: exitStatus.usage,
        },
      );
    }
  }
}
