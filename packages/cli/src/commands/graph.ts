import { formatGraph, type GraphFormat, graphDocument } from '@bunny/resolver';
import { exitStatus } from '@bunny/spec';
import type { Run } from '../action.js';
import { closureGraphs } from '../closures.js';
import type { LockFlags } from '../lock-options.js';

interface Flags extends LockFlags {
  format: GraphFormat;
}

export async function run(context: Run<Flags>): Promise<number> {
  const { flags, terminal } = context;
  const graphs = await closureGraphs(context);
  if (flags.json || flags.format === 'json') {
    process.stdout.write(`${JSON.stringify({ closures: graphs.map(graphDocument) }, null, 2)}\n`);
    return exitStatus.done;
  }
  for (const graph of graphs) terminal.print(formatGraph(graph, flags.format));
  return exitStatus.done;
}
