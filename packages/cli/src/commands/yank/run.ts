import { keepYanksCurrent, yank } from 'bunny-libos-namespace';
import { Store } from 'bunny-libos-oci';
import { openBases } from 'bunny-libos-project';
import { exitStatus } from 'bunny-libos-spec';
import { componentPlace, requireVersion } from '../../project/component-place.js';
import { openNetwork } from '../../project/network.js';
import type { Context } from './command.js';

/** `bunny yank` */
export async function run(context: Context, reference: string, version: string): Promise<number> {
  const { flags, terminal, signal } = context;
  requireVersion(version, 'bunny yank');
  const place = componentPlace(reference);
  const yanked = !flags.undo;
  const network = openNetwork(context);
  const target = network.open(reference);
  const bases = openBases([place.to], process.cwd(), network, (text) => terminal.warn(text));
  const catalog = { to: place.to, framework: place.framework, bases, store: await Store.open(), signal };
  const changed = await yank(target, version, yanked, { signal });
  const what = `${target.name} ${version}`;
  const warnings = await keepYanksCurrent(catalog, place.name);
  for (const warning of warnings) terminal.warn(warning);
  if (changed) terminal.done(yanked ? 'Yanked' : 'Restored', what);
  else terminal.note(`${what} was ${yanked ? 'yanked already' : 'not yanked'}`);
  terminal.result({ repository: target.name, version, yanked, changed, warnings });
  return exitStatus.done;
}
