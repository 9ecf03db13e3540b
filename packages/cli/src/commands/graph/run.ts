import { formatGraph, type GraphFormat, graphDocument } from 'bunny-libos-resolver';
import { BunnyError, exitStatus } from 'bunny-libos-spec';
import type { Run } from '../../options/action.js';
import type { LockFlags } from '../../project/lock-flags.js';
import { lockedClosures } from '../../project/locking.js';

interface Flags extends LockFlags {
  format?: GraphFormat | undefined;
}

/** `bunny graph` */
export async function run(context: Run<Flags>): Promise<number> {
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
