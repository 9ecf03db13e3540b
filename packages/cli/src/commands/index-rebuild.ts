import { rebuildVersionIndexes } from '@bunny/publisher';
import { exitStatus } from '@bunny/spec';
import type { CommonFlags, Run } from '../action.js';
import { type NetworkFlags, openerOf } from '../network.js';
import { count } from '../quantities.js';

export async function run(
  { flags, terminal, signal }: Run<CommonFlags & NetworkFlags>,
  reference: string,
): Promise<number> {
  const target = openerOf(flags, terminal)(reference);
  const versions = await rebuildVersionIndexes(target, { signal });
  terminal.done('Rebuilt', `the indexes of ${count(versions.length, 'version')} of ${target.name}`);
  terminal.result({ repository: target.name, versions });
  return exitStatus.done;
}
