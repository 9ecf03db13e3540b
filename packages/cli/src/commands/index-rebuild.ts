import { openTarget, parseReference } from '@bunny/oci';
import { rebuildVersionIndexes } from '@bunny/publisher';
import { exitStatus } from '@bunny/spec';
import type { CommonFlags, Run } from '../program.js';
import { count } from '../terminal.js';
import { targetOptions } from '../workspace.js';

export async function run(
  { flags, terminal, signal }: Run<CommonFlags & { plainHttp?: boolean }>,
  reference: string,
): Promise<number> {
  const target = openTarget(parseReference(reference), targetOptions(flags));
  const versions = await rebuildVersionIndexes(target, { signal });
  terminal.done('Rebuilt', `the indexes of ${count(versions.length, 'version')} of ${target.name}`);
  terminal.result({ repository: target.name, versions });
  return exitStatus.done;
}
