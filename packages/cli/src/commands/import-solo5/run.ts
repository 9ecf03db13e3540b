import { importSolo5 } from 'bunny-libos-importer';
import { exitStatus } from 'bunny-libos-spec';
import { shownPath } from '../../terminal/shown-path.js';
import type { Context } from './command.js';

/** `bunny import solo5` */
export async function run({ flags, terminal }: Context, prefix: string): Promise<number> {
  const { out, root } = flags;
  const imported = await importSolo5({ prefix, out, root });
  const { version, targets, leftOut } = imported;
  terminal.done('Imported', `Solo5 ${version} for ${targets.join(', ')} to ${shownPath(out)}`);
  if (leftOut.length > 0) terminal.note(`left out, as Bunny has no monitor for it: ${leftOut.join(', ')}`);
  terminal.result({ out, ...imported });
  return exitStatus.done;
}
