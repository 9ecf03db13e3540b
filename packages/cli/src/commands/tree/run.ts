import { alike, graphsWith } from 'bunny-libos-project';
import { type ClosureGraph, closureTree, type TreeNode, treeLines } from 'bunny-libos-resolver';
import { exitStatus } from 'bunny-libos-spec';
import { lockedClosures } from '../../project/locking.js';
import type { Context } from './command.js';

/** What is shown of one closure. */
interface Shown {
  app: string;
  /** Below the app, or the component asked for. */
  tree: TreeNode[];
  /** What every image needs, shown apart. */
  base: TreeNode[];
}

/** `bunny tree` */
export async function run(context: Context, name: string | undefined): Promise<number> {
  const { flags, terminal } = context;
  const all = [...(await lockedClosures(context)).keys()];
  const components = name === undefined ? undefined : graphsWith(all, name);
  const shown = alike(components === undefined ? all : [...components.keys()], (graph) =>
    show(graph, components?.get(graph), flags),
  );
  for (const { targets, seen } of shown) {
    terminal.print(`${seen.app} ${targets.join(' ')}`);
    for (const line of treeLines(seen.tree)) terminal.print(line);
    if (seen.base.length > 0) terminal.print('in every image, or for the language:');
    for (const line of treeLines(seen.base)) terminal.print(line);
  }
  terminal.result({ closures: shown.map(({ targets, seen }) => ({ targets, ...seen })) });
  return exitStatus.done;
}

function show(graph: ClosureGraph, name: string | undefined, flags: Context['flags']): Shown {
  const { app, direct, base, nodes } = graph;
  const tops = flags.invert
    ? [...nodes.values()].filter(({ dependencies }) => dependencies.length === 0).map((node) => node.name)
    : [...direct, ...base];
  const tree = closureTree(graph, name === undefined ? tops : [name], flags);
  if (name !== undefined || flags.invert) return { app, tree, base: [] };
  return { app, tree: tree.slice(0, direct.length), base: tree.slice(direct.length) };
}
