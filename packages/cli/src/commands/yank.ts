import { parseReference } from '@bunny/oci';
import { yank } from '@bunny/resolver';
import { BunnyError, exitStatus, isVersion } from '@bunny/spec';
import type { CommonFlags, Run } from '../action.js';
import { type NetworkFlags, openerOf } from '../network.js';

interface Flags extends CommonFlags, NetworkFlags {
  undo?: boolean;
}

/** `bunny yank` */
export async function run(
  { flags, terminal, signal }: Run<Flags>,
  reference: string,
  version: string,
): Promise<number> {
  if (!isVersion(version)) {
    throw new BunnyError('BUNNY_EVERSION', `${JSON.stringify(version)} is not a version`, {
      hint: 'write it out in full: 1.2.0',
    });
  }
  parseReference(reference);
  const yanked = !flags.undo;
  const target = openerOf(flags, terminal)(reference);
  const changed = await yank(target, version, yanked, { signal });
  const what = `${target.name} ${version}`;
  if (changed) terminal.done(yanked ? 'Yanked' : 'Restored', what);
  else terminal.note(`${what} was ${yanked ? 'yanked already' : 'not yanked'}`);
  terminal.result({ repository: target.name, version, yanked, changed });
  return exitStatus.done;
}
