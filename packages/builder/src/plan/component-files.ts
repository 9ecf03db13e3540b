import { BunnyError, exitStatus } from 'bunny-libos-spec';
import type { TargetRules } from 'bunny-libos-tooling';
import type { ClosureMember } from './closure-layers.js';

/** A file of a component that commands use: its member of the closure, and its path there. */
export interface NamedFile {
  member: ClosureMember;
  /** `files/NAME` */
  path: string;
}

/**
 * The files that the target names, each of the one component in the closure that has it. Throws BUNNY_ENOTFOUND where
 * none has, BUNNY_EDUPLICATE where several have.
 */
export function namedFiles(
  { target, where }: TargetRules,
  closure: readonly ClosureMember[],
): ReadonlyMap<string, NamedFile> {
  return new Map(
    (target.files ?? []).map((name) => {
      const path = `files/${name}`;
      const [member, ...others] = closure.filter(({ files }) => files.includes(path));
      if (member === undefined) throw missing(name, where);
      if (others.length > 0) throw several(name, [member, ...others], where);
      return [name, { member, path }];
    }),
  );
}

function missing(name: string, where: string): BunnyError {
  return new BunnyError('BUNNY_ENOTFOUND', `no component of the closure has the file ${name}`, {
    where,
    hint: 'add the component that brings it to the dependencies, or in `base` of the tooling layer',
    exitStatus: exitStatus.unsatisfiable,
  });
}

function several(name: string, members: readonly ClosureMember[], where: string): BunnyError {
  const owners = members.map(({ component }) => `${component.name} ${component.version}`);
  return new BunnyError(
    'BUNNY_EDUPLICATE',
    `${members.length} components of the closure have the file ${name}`,
    {
      where,
      details: owners,
      hint: 'leave all but one of them out',
      exitStatus: exitStatus.buildFailed,
    },
  );
}
