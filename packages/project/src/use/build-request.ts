import { type BuildRequest, chooseTarget } from 'bunny-libos-builder';
import type { ResolveOptions } from 'bunny-libos-resolver';
import { BunnyError, exitStatus, type LockedTarget, normaliseArchitecture } from 'bunny-libos-spec';
import { type LockedProject, requestOf } from '../lock/targets.js';
import type { Project } from '../open/project.js';
import { laterDefiners } from './later-definers.js';

/** Of several targets one is built, or all of them. */
export interface BuildChoice {
  all?: boolean | undefined;
}

/** What a lock is asked for by who builds: what is built is checked; the lock is for all targets. */
export function lockForBuild(
  project: Project,
  choice: BuildChoice,
): Pick<ResolveOptions, 'lockAll' | 'check'> {
  return { lockAll: true, check: (_lock, targets) => choose(project, targets, choice) };
}

/** The targets to build: one, or with `all` each. Throws BUNNY_ETARGET where there is none. */
export function targetsToBuild(
  project: Project,
  { wanted }: Pick<LockedProject, 'wanted'>,
  choice: BuildChoice,
): readonly LockedTarget[] {
  const chosen = choose(project, wanted, choice);
  if (chosen.length > 0) return chosen;
  throw new BunnyError('BUNNY_ETARGET', 'there is no target to build', {
    where: project.file,
    hint: 'name one with --arch and --platform',
    exitStatus: exitStatus.unsatisfiable,
  });
}

/** The build of one target. */
export function buildRequest(
  locked: LockedProject,
  target: LockedTarget,
  options: Pick<
    BuildRequest,
    'types' | 'sboms' | 'provenance' | 'lock' | 'output' | 'jobs' | 'limits' | 'verbose' | 'onProgress'
  >,
): BuildRequest {
  const request = requestOf(locked, target);
  const { project, wishes, store, sources } = request;
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

/** Of several frameworks, the usual one where it is among them. */
function choose(
  { document, framework }: Project,
  targets: readonly LockedTarget[],
  { all }: BuildChoice,
): readonly LockedTarget[] {
  if (all) return targets;
  const usual = targets.filter((target) => target.framework === framework);
  const chosen = chooseTarget(
    usual.length > 0 ? usual : targets,
    document.value,
    normaliseArchitecture(process.arch),
  );
  return chosen === undefined ? [] : [chosen];
}
