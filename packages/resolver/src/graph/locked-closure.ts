import {
  type Bunnyfile,
  baseComponents,
  holds,
  type LockedTarget,
  present,
  type ToolingRules,
  targetView,
} from 'bunny-libos-spec';

export interface ClosureNode {
  name: string;
  version: string;
  /** Components that it depends on, sorted. */
  dependencies: readonly string[];
  /** Components that depend on it, sorted. */
  dependents: readonly string[];
}

/** The closure of one target as a graph, with what leads into it. */
export interface ClosureGraph {
  /** Name of the app. */
  app: string;
  arch: string;
  platform: string;
  /** Where the project has several frameworks. */
  framework?: string | undefined;
  /** Components that the Bunnyfile asks for, sorted. */
  direct: readonly string[];
  /** Components that every image needs, or the app's language does, and the Bunnyfile does not name; sorted. */
  base: readonly string[];
  /** By name, sorted. */
  nodes: ReadonlyMap<string, ClosureNode>;
  /** Capability -> the component of the closure that provides it, as far as the Bunnyfile and the rules know. */
  providers: ReadonlyMap<string, string>;
}

/**
 * Reads the graph of a target out of a lock. `rules` are those of the locked tooling layer: they tell
 * which component provides a capability, and what every image needs.
 */
export function closureGraph(
  target: LockedTarget,
  bunnyfile: Bunnyfile,
  rules: ToolingRules | undefined,
): ClosureGraph {
  const own = targetView(bunnyfile, target).value;
  const dependents = new Map<string, string[]>(target.components.map(({ name }) => [name, []]));
  for (const { name, dependencies } of target.components) {
    for (const dependency of dependencies) dependents.get(dependency)?.push(name);
  }
  const nodes = new Map(
    target.components.map(({ name, version, dependencies }): [string, ClosureNode] => [
      name,
      { name, version, dependencies, dependents: (dependents.get(name) ?? []).sort() },
    ]),
  );
  const providers = providersIn(new Set(nodes.keys()), own, rules);
  const inClosure = (name: string): string[] => {
    const component = nodes.has(name) ? name : providers.get(name);
    return component === undefined ? [] : [component];
  };
  const direct = new Set(
    Object.entries(own.dependencies).flatMap(([name, { when }]) =>
      holds(when, target.settings) ? inClosure(name) : [],
    ),
  );
  const needed = rules?.targets.find(
    ({ arch, platform }) => arch === target.arch && platform === target.platform,
  );
  const base = new Set(
    Object.keys(needed === undefined ? {} : baseComponents(needed, target.settings)).flatMap(inClosure),
  );
  for (const { name, dependents: above } of nodes.values()) if (above.length === 0) base.add(name);
  return {
    app: bunnyfile.name,
    ...present({ framework: target.framework }),
    arch: target.arch,
    platform: target.platform,
    direct: [...direct].sort(),
    base: [...base].filter((name) => !direct.has(name)).sort(),
    nodes,
    providers,
  };
}

/** Capability -> which of the components provides it, by the Bunnyfile's choice, the rules' default, or their list. */
export function providersIn(
  components: ReadonlySet<string>,
  { providers: chosen }: Pick<Bunnyfile, 'providers'>,
  rules: Pick<ToolingRules, 'capabilities'> | undefined,
): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const offers: [string, (string | undefined)[]][] = [
    ...Object.entries(chosen).map(([name, provider]): [string, string[]] => [name, [provider]]),
    ...Object.entries(rules?.capabilities ?? {}).map(([name, declared]): [string, (string | undefined)[]] => [
      name,
      [declared.default, ...declared.providers],
    ]),
  ];
  for (const [name, providers] of offers) {
    const provider = providers.find((each) => each !== undefined && components.has(each));
    if (provider !== undefined && !found.has(name)) found.set(name, provider);
  }
  return found;
}

/**
 * The ways from the app to a component, each through another of its dependents and by the shortest path
 * there: lists of names that begin with what the Bunnyfile (or the base) names and end with `name`.
 */
export function waysTo(graph: ClosureGraph, name: string): string[][] {
  const before = new Map<string, string | undefined>();
  const queue = [...graph.direct, ...graph.base];
  for (const start of queue) before.set(start, undefined);
  for (const each of queue) {
    for (const next of graph.nodes.get(each)?.dependencies ?? []) {
      if (before.has(next)) continue;
      before.set(next, each);
      queue.push(next);
    }
  }
  const pathTo = (end: string): string[] => {
    const path: string[] = [];
    for (let at: string | undefined = end; at !== undefined; at = before.get(at)) path.unshift(at);
    return path;
  };
  const starts = before.has(name) && before.get(name) === undefined ? [[name]] : [];
  const through = (graph.nodes.get(name)?.dependents ?? [])
    .filter((dependent) => before.has(dependent))
    .map((dependent) => [...pathTo(dependent), name]);
  return [...starts, ...through.sort((a, b) => a.length - b.length)];
}
