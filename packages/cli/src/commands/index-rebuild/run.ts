import { rebuildVersionIndexes } from 'bunny-libos-namespace';
import { parseReference } from 'bunny-libos-oci';
import { BunnyError, exitStatus } from 'bunny-libos-spec';
import { openNetwork } from '../../project/network.js';
import { count } from '../../terminal/quantities.js';
import type { Context } from './command.js';

/** `bunny index rebuild` */
export async function run(context: Context, reference: string): Promise<number> {
  const { terminal } = context;
  const { tag, digest } = parseReference(reference);
  if (tag !== undefined || digest !== undefined) {
    throw new BunnyError('BUNNY_EREFERENCE', `${reference} names one version of a component`, {
      where: reference,
      hint: 'name the component alone: the indexes of all its versions are rebuilt',
      exitStatus: exitStatus.usage,
    });
  }
  const target = openNetwork(context).open(reference);
  const versions = await rebuildVersionIndexes(target, { signal: context.signal });
  if (versions.length === 0) {
    throw new BunnyError('BUNNY_ENOTFOUND', 'no variant of a component is published there', {
      where: target.name,
      hint: 'name the component under its framework: host/namespace/FRAMEWORK/COMPONENT',
      exitStatus: exitStatus.unsatisfiable,
    });
  }
  terminal.done('Rebuilt', `the indexes of ${count(versions.length, 'version')} of ${target.name}`);
  terminal.result({ repository: target.name, versions });
  return exitStatus.done;
}
