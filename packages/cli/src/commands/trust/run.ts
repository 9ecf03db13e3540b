import { exitStatus } from 'bunny-libos-spec';
import {
  policyFileName,
  readKeyText,
  readVerificationKey,
  userPolicyFile,
  writePolicyFile,
} from 'bunny-libos-trust';
import { shownPath } from '../../terminal/shown-path.js';
import type { Context } from './command.js';

/** `bunny trust` */
export async function run({ flags, terminal }: Context, place: string, patterns: string[]): Promise<number> {
  const { pem, id } = readVerificationKey(await readKeyText(place), place);
  const file = flags.user ? userPolicyFile() : policyFileName;
  const match = patterns.length === 0 ? ['**'] : patterns;
  await writePolicyFile(file, { pem, match });
  terminal.done('Wrote', `${shownPath(file)}: only what ${id} signed is used`);
  terminal.result({ file, key: id, match });
  return exitStatus.done;
}
