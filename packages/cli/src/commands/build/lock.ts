import type { BuildRequest } from 'bunny-libos-builder';
import {
  type LockedProject,
  lockDigest,
  lockForBuild,
  type Project,
  targetsToBuild,
} from 'bunny-libos-project';
import { formatPosition, type LockedTarget } from 'bunny-libos-spec';
import { readLimits } from 'bunny-libos-tooling';
import packageJson from '../../../package.json' with { type: 'json' };
import { lockProject } from '../../project/locking.js';
import { shownPath } from '../../terminal/shown-path.js';
import type { Terminal } from '../../terminal/terminal.js';
import type { Context } from './command.js';

/** What the flags ask to be built, by a lock that is brought up to date. */
export async function lockFor(
  project: Project,
  context: Context,
): Promise<{ locked: LockedProject; targets: readonly LockedTarget[] }> {
  const { flags, terminal } = context;
  const { arch, platform, framework, all, ...rest } = flags;
  if (!isOci(flags)) warnOfEnvironment(project, terminal);
  const asked = {
    ...rest,
    arch: arch === undefined ? undefined : [arch],
    platform: platform === undefined ? undefined : [platform],
    framework: framework === undefined ? undefined : [framework],
  };
  const locked = await lockProject(project, { ...context, flags: asked }, lockForBuild(project, { all }));
  if (locked.changed && !flags.dryRun) {
    terminal.done('Resolved', `again, wrote ${shownPath(project.lockFile)}`);
  }
  return { locked, targets: targetsToBuild(project, locked, { all }) };
}

/** How the builder is to go about it, and who is told how that goes. */
export async function builderOptions(
  project: Project,
  { flags }: Context,
  onProgress: BuildRequest['onProgress'],
): Promise<
  Pick<
    BuildRequest,
    'types' | 'sboms' | 'provenance' | 'lock' | 'output' | 'jobs' | 'limits' | 'verbose' | 'onProgress'
  >
> {
  const { type, sbom, output, jobs, limit, verbose = false } = flags;
  const lock = isOci(flags) ? await lockDigest(project) : undefined;
  const provenance = flags.provenance ? packageJson.version : undefined;
  const limits = readLimits(limit);
  return { types: type, sboms: sbom, provenance, lock, output, jobs, limits, verbose, onProgress };
}

/** Whether OCI images are made, which have an environment. */
export function isOci({ type = [] }: Context['flags']): boolean {
  return type.includes('oci');
}

export function warnOfEnvironment({ document }: Project, terminal: Terminal): void {
  if (document.value.envs.length === 0) return;
  const place = formatPosition(document.keyAt(['envs']));
  terminal.warn(`${place}: envs does nothing: no image is given an environment`);
}
