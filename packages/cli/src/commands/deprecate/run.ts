import { ComponentRepository, deprecate, updateVersionIndex } from 'bunny-libos-namespace';
import { BunnyError, exitStatus } from 'bunny-libos-spec';
import { componentPlace, requireVersion } from '../../project/component-place.js';
import { openNetwork } from '../../project/network.js';
import type { Context } from './command.js';

/** `bunny deprecate` */
export async function run(context: Context, reference: string, version: string): Promise<number> {
  const { flags, terminal, signal } = context;
  requireVersion(version, 'bunny deprecate');
  const { framework, name } = componentPlace(reference);
  const { reason = '', undo = false } = flags;
  if (reason === '' && !undo) {
    throw new BunnyError('BUNNY_EUSAGE', 'nothing says why', {
      where: 'bunny deprecate',
      hint: 'give --reason TEXT, or --undo',
      exitStatus: exitStatus.usage,
    });
  }
  const target = openNetwork(context).open(reference);
  const repository = await ComponentRepository.open(target, { framework, name }, { signal });
  const variants = await repository.variants(version);
  const changed = await deprecate(target, version, reason, variants, { signal });
  await updateVersionIndex(target, version, [], { signal });
  const what = `${target.name} ${version}`;
  if (changed) terminal.done(undo ? 'Restored' : 'Deprecated', what);
  else terminal.note(`${what} was ${undo ? 'not deprecated' : 'deprecated already, for this reason'}`);
  terminal.result({ repository: target.name, version, deprecated: !undo, reason, changed });
  return exitStatus.done;
}
