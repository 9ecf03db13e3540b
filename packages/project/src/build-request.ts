import { type BuildRequest, chooseTarget } from 'bunny-libos-builder';
import type { ResolveOptions } from 'bunny-libos-resolver';
import { BunnyError, exitStatus, type LockedTarget, normaliseArchitecture } from 'bunny-libos-spec';
import { laterDefiners } from './later-definers.js';
import type { LockedProject } from './lock-targets.js';
import type { Project } from './project.js';

/** What a lock is asked for by who builds: of several targets one is built, which is checked; the lock is for all. */
export function lockForBuild(project: Project): Pick<ResolveOptions, 'lockAll' | 'check'> {
  return {
    lockAll: true,
    check: (_lock, targets) => {
      const chosen = choose(project, targets);
      return chosen === undefined ? [] : [chosen];
    },
  };
}

/** The build of that target. Throws BUNNY_ETARGET where there is none. */
export function buildRequest(
  { request, wanted }: LockedProject,
  options: Pick<BuildRequest, 'types' | 'lock' | 'output' | 'jobs' | 'limits' | 'verbose' | 'onProgress'>,
): BuildRequest {
  const { project, wishes, store, sources } = request;
  const target = choose(project, wanted);
  if (target === undefined) {
    throw new BunnyError('BUNNY_ETARGET', 'there is no target to build', {
      where: project.file,
      hint: 'name one with --arch and --platform',
      exitStatus: exitStatus.unsatisfiable,
    });
  }
  return {
    ...options,
    bunnyfile: project.document,
    directory: project.directory,
    target,
    store,
    sources,
    ...(wishes.offline ? {} : laterDefiners(request, target)),
    signal: project.signal,
    openLayout: (layout) => project.network.open(layout),
  };
}

function choose({ document }: Project, targets: readonly LockedTarget[]): LockedTarget | undefined {
  return chooseTarget(targets, document.value, normaliseArchitecture(process.arch));
}
