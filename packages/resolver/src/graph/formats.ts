import { present } from 'bunny-libos-spec';
import { targetLabel } from '../lock/request.js';
import type { ClosureGraph } from './locked-closure.js';

/** Formats that a closure can be drawn in. */
export type GraphFormat = 'dot' | 'mermaid' | 'json';

/** A closure for Graphviz (`dot -Tsvg`), for Mermaid, or as a JSON document of nodes and edges. */
export function formatGraph(graph: ClosureGraph, format: GraphFormat): string {
  if (format === 'json') return JSON.stringify(graphDocument(graph), null, 2);
  return format === 'dot' ? dot(graph) : mermaid(graph);
}

/** Nodes and edges, the app being a node too. */
export function graphDocument(graph: ClosureGraph): {
  app: string;
  framework?: string | undefined;
  arch: string;
  platform: string;
  nodes: { name: string; version: string }[];
  edges: { from: string | null; to: string; base: boolean }[];
} {
  return {
    app: graph.app,
    ...present({ framework: graph.framework }),
    arch: graph.arch,
    platform: graph.platform,
    nodes: [...graph.nodes.values()].map(({ name, version }) => ({ name, version })),
    edges: [
      ...graph.direct.map((to) => ({ from: null, to, base: false })),
      ...graph.base.map((to) => ({ from: null, to, base: true })),
      ...[...graph.nodes.values()].flatMap(({ name, dependencies }) =>
        dependencies.map((to) => ({ from: name, to, base: false })),
      ),
    ],
  };
}

function dot(graph: ClosureGraph): string {
  const { nodes, edges } = graphDocument(graph);
  const id = (name: string | null) => JSON.stringify(name ?? `app ${graph.app}`);
  return [
    `digraph ${JSON.stringify(`${graph.app} ${targetLabel(graph)}`)} {`,
    '  node [shape=box];',
    `  ${id(null)} [label=${JSON.stringify(graph.app)} shape=ellipse];`,
    ...nodes.map(({ name, version }) => `  ${id(name)} [label=${JSON.stringify(`${name}\n${version}`)}];`),
    ...edges.map(({ from, to, base }) => `  ${id(from)} -> ${id(to)}${base ? ' [style=dashed]' : ''};`),
    '}',
  ].join('\n');
}

function mermaid(graph: ClosureGraph): string {
  const { nodes, edges } = graphDocument(graph);
  // Names may be words of Mermaid's own (`end`): numbers are not.
  const ids = new Map(nodes.map(({ name }, index) => [name, `n${index}`]));
  const id = (name: string | null) => (name === null ? 'app' : (ids.get(name) ?? 'app'));
  return [
    'graph TD',
    `  app(["${graph.app}"])`,
    ...nodes.map(({ name, version }) => `  ${id(name)}["${name} ${version}"]`),
    ...edges.map(({ from, to, base }) => `  ${id(from)} ${base ? '-.->' : '-->'} ${id(to)}`),
  ].join('\n');
}
