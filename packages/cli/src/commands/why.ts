import { type ClosureGraph, waysTo } from '@bunny/resolver';
import { exitStatus } from '@bunny/spec';
import type { Run } from '../action.js';
import { alike, closureGraphs, graphsWith } from '../closures.js';
import type { LockFlags } from '../lock-options.js';

/** One way from the app to a component. */
interface Way {
  /** The Bunnyfile names its first component; else every image needs it, or the app's language. */
  direct: boolean;
  path: { name: string; version: string }[];
}

/** `bunny why` */
export async function run(context: Run<LockFlags>, name: string): Promise<number> {
  const { terminal } = context;
  const components = graphsWith(await closureGraphs(context), name);
  const shown = alike([...components.keys()], (graph) => {
    const component = components.get(graph) ?? name;
    return { app: graph.app, component, ways: ways(graph, component) };
  });
  for (const { targets, seen } of shown) {
    const asked = seen.component === name ? name : `${seen.component} (${name})`;
    terminal.print(`${asked} in ${seen.app} ${targets.join(' ')}`);
    for (const { direct, path } of seen.ways) {
      const steps = path.map((step) => `${step.name} ${step.version}`);
      terminal.print(`  ${[direct ? 'Bunnyfile' : 'every image', ...steps].join(' -> ')}`);
    }
  }
  terminal.result({ name, closures: shown.map(({ targets, seen }) => ({ targets, ...seen })) });
  return exitStatus.done;
}

function ways(graph: ClosureGraph, name: string): Way[] {
  return waysTo(graph, name).map((path) => ({
    direct: graph.direct.includes(path[0] ?? ''),
    path: path.map((step) => ({ name: step, version: graph.nodes.get(step)?.version ?? '' })),
  }));
}
