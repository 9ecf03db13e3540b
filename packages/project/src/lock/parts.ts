import { matches } from 'bunny-libos-namespace';
import type { Project } from '../open/project.js';
import { type LockWishes, targetFilter } from './request.js';

/**
 * The parts of a project that have a target which the wishes are about; the usual one where none has: its framework may
 * offer the target all the same.
 */
export function partsAskedFor(project: Project, wishes: LockWishes): readonly Project[] {
  const { parts } = project;
  if (parts.length === 1) return parts;
  const filter = targetFilter(wishes);
  const having = parts.filter(({ document }) =>
    document.value.targets.some((target) => matches(filter, target)),
  );
  return having.length === 0 ? [project] : having;
}

/** What all come to; the error of the first that fails, once none goes on. */
export async function allOf<T>(running: readonly Promise<T>[]): Promise<T[]> {
  const settled = await Promise.allSettled(running);
  return settled.map((each) => {
    if (each.status === 'rejected') throw each.reason;
    return each.value;
  });
}
