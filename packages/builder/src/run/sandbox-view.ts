import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Bind, WorkPlace } from 'bunny-libos-tooling';
import type { BuildRequest } from '../plan/build-request.js';
import type { ClosureMember } from '../plan/closure-layers.js';
import { sandbox } from '../plan/sandbox-paths.js';
import { type HostDirectories, lineForUser } from './line-for-user.js';

type Place = Pick<BuildRequest, 'directory' | 'current'>;

/** What of this machine the tools of a build see beside the tooling root and the work directory, read-only. */
export function sandboxBinds(closure: readonly ClosureMember[], { directory }: Place): Bind[] {
  return [
    { from: directory, to: sandbox.source, mayBePrivate: true },
    ...closure.map((member) => ({ from: member.directory, to: sandbox.closure(member.component.name) })),
  ];
}

/** Where the directories of the sandbox are on this machine. */
export function hostDirectories(
  closure: readonly ClosureMember[],
  { directory, current = process.cwd() }: Place,
  { plan, work }: WorkPlace,
): HostDirectories {
  return {
    source: directory,
    roots: new Map([
      [sandbox.plan, plan],
      [sandbox.work, work],
      ...sandboxBinds(closure, { directory }).map(({ from, to }) => [to, from] as const),
    ]),
    current,
  };
}

/** Rewrites what tools say to paths that are valid where the user is. */
export function pathRewriter(directories: HostDirectories): (line: string) => string {
  const isSource = (path: string) => existsSync(join(directories.source, path));
  return (line) => lineForUser(line, directories, isSource);
}
