import { alike, type ClosureSource, graphsWith } from 'bunny-libos-project';
import { type ClosureGraph, heldInLock, type NewerVersion, waysTo } from 'bunny-libos-resolver';
import { exitStatus } from 'bunny-libos-spec';
import { lockedClosures } from '../../project/locking.js';
import { clauses, preferText } from '../../terminal/closure-notes.js';
import type { Context } from './command.js';

/** One way from the app to a component. */
interface Way {
  /** The Bunnyfile names its first component; else every image needs it, or the app's language. */
  direct: boolean;
  path: { name: string; version: string }[];
}

/** `bunny why` */
export async function run(context: Context, name: string): Promise<number> {
  const { terminal } = context;
  const closures = await lockedClosures(context);
  const components = graphsWith([...closures.keys()], name);
  const newer = new Map<ClosureGraph, NewerVersion | undefined>();
  for (const [graph, component] of components) {
    newer.set(graph, await newerThanLocked(closures.get(graph), component));
  }
  const shown = alike([...components.keys()], (graph) => {
    const component = components.get(graph) ?? name;
    const held = newer.get(graph);
    return {
      app: graph.app,
      component,
      ways: ways(graph, component),
      held,
    };
  });
  for (const { targets, seen } of shown) {
    const asked = seen.component === name ? name : `${seen.component} (${name})`;
    terminal.print(`${asked} in ${seen.app} ${targets.join(' ')}`);
    for (const { direct, path } of seen.ways) {
      const steps = path.map((step) => `${step.name} ${step.version}`);
      terminal.print(`  ${[direct ? 'Bunnyfile' : 'every image', ...steps].join(' -> ')}`);
    }
    if (seen.held === undefined) continue;
    const { newest, because } = seen.held;
    terminal.print(`  not ${newest}: ${clauses(because)}; ${preferText(seen.component, newest)}`);
  }
  terminal.result({ name, closures: shown.map(({ targets, seen }) => ({ targets, ...seen })) });
  return exitStatus.done;
}

/** What keeps the newest version out, as far as it was seen from this machine. */
async function newerThanLocked(
  source: ClosureSource | undefined,
  component: string,
): Promise<NewerVersion | undefined> {
  if (source?.rules === undefined) return undefined;
  const { request, target, rules } = source;
  return heldInLock(request.options, target, rules, component);
}

function ways(graph: ClosureGraph, name: string): Way[] {
  return waysTo(graph, name).map((path) => ({
    direct: graph.direct.includes(path[0] ?? ''),
    path: path.map((step) => ({ name: step, version: graph.nodes.get(step)?.version ?? '' })),
  }));
}
