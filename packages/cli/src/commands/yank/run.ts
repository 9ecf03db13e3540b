import { keepYanksCurrent, yank } from 'bunny-libos-namespace';
import { formatReference, parseReference, Store } from 'bunny-libos-oci';
import { openBases } from 'bunny-libos-project';
import { BunnyError, exitStatus, isVersion } from 'bunny-libos-spec';
import { openNetwork } from '../../project/network.js';
import type { Context } from './command.js';

/** `bunny yank` */
export async function run(context: Context, reference: string, version: string): Promise<number> {
  const { flags, terminal, signal } = context;
  if (!isVersion(version)) {
    throw new BunnyError('BUNNY_EVERSION', `${JSON.stringify(version)} is not a version`, {
      where: 'bunny yank',
      hint: 'write it out in full: 1.2.0',
    });
  }
  const place = placeOf(reference);
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

/** `host/libos/warren/libc` is libc of the framework warren under `host/libos`. */
function placeOf(text: string): { to: string; framework: string; name: string } {
  const reference = parseReference(text);
  const parts = reference.path.split('/');
  const [name, framework] = [parts.pop() ?? '', parts.pop() ?? ''];
  const isOne = reference.tag !== undefined || reference.digest !== undefined;
  if (isOne || framework === '' || (reference.kind === 'registry' && parts.length === 0)) {
    throw new BunnyError('BUNNY_EREFERENCE', `${text} names no component`, {
      where: text,
      hint: 'write host/namespace/FRAMEWORK/COMPONENT, or oci:DIR:FRAMEWORK/COMPONENT',
      exitStatus: exitStatus.usage,
    });
  }
  return { to: formatReference({ ...reference, path: parts.join('/') }), framework, name };
}
