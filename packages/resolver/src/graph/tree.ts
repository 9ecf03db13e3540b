import type { ClosureGraph } from './locked-closure.js';

/** One place of a component in a tree. */
export interface TreeNode {
  name: string;
  version: string;
  /** What is below is shown elsewhere in the tree. */
  folded: boolean;
  children: readonly TreeNode[];
}

export interface TreeOptions {
  /** Dependents below what they depend on. */
  invert?: boolean | undefined;
  /** Levels below the first. All where left out. */
  depth?: number | undefined;
}

/**
 * The tree below these components. What is below a component is spelt out where it is met first, reading
 * from the top; other places of it are folded.
 */
export function closureTree(
  graph: ClosureGraph,
  tops: readonly string[],
  { invert = false, depth = Number.POSITIVE_INFINITY }: TreeOptions = {},
): TreeNode[] {
  const shown = new Set<string>();
  const grow = (name: string, level: number): TreeNode[] => {
    const node = graph.nodes.get(name);
    if (node === undefined) return [];
    const below = invert ? node.dependents : node.dependencies;
    const folded = shown.has(name) && below.length > 0;
    shown.add(name);
    const children = folded || level >= depth ? [] : below.flatMap((each) => grow(each, level + 1));
    return [{ name, version: node.version, folded, children }];
  };
  return tops.flatMap((name) => grow(name, 0));
}

/** A tree as lines of text: `├── libc 1.2.0 (*)`, folded places marked with a star. */
export function treeLines(tree: readonly TreeNode[], indent = ''): string[] {
  return tree.flatMap((node, index) => {
    const last = index === tree.length - 1;
    const star = node.folded ? ' (*)' : '';
    return [
      `${indent}${last ? '└── ' : '├── '}${node.name} ${node.version}${star}`,
      ...treeLines(node.children, `${indent}${last ? '    ' : '│   '}`),
    ];
  });
}
