import { formatGraph, graphDocument } from 'bunny-libos-resolver';
import { BunnyError, exitStatus } from 'bunny-libos-spec';
import { lockedClosures } from '../../project/locking.js';
import type { Context } from './command.js';

/** `bunny graph` */
export async function run(context: Context): Promise<number> {
  const { flags, terminal } = context;
  const format = flags.format ?? (flags.json ? 'json' : 'dot');
  if (flags.json && format !== 'json') {
    throw new BunnyError('BUNNY_EUSAGE', `--format ${format} and --json exclude each other`, {
      where: 'bunny graph',
      hint: 'leave one of them out',
      exitStatus: exitStatus.usage,
    });
  }
  const graphs = [...(await lockedClosures(context)).keys()];
  if (format === 'json') {
    terminal.document({ closures: graphs.map(graphDocument) });
    return exitStatus.done;
  }
  for (const graph of graphs) terminal.print(formatGraph(graph, format));
  return exitStatus.done;
}
