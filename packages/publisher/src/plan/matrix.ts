import {
  byText,
  type Component,
  type ComponentIdentity,
  holds,
  type Options,
  type Scalar,
  type Settings,
  type TargetName,
  type ToolingRules,
} from 'bunny-libos-spec';

/** One row of a component's matrix: what a variant is built for. */
export interface Configuration {
  /** Only the settings that affect the component. */
  settings: Settings;
  /** All options, defaults filled in. */
  options: Options;
}

/**
 * The configurations that a component's matrix asks for: the product of its settings and option rows,
 * less what no target of the framework could use. In the order of the matrix, without duplicates.
 */
export function configurations(component: Component, rules: ToolingRules): Configuration[] {
  const rows = component.matrix.options ?? [{}];
  const found = new Map<string, Configuration>();
  for (const settings of settingsProduct(component)) {
    if (!rules.targets.some((target) => agrees(settings, target))) continue;
    for (const row of rows) {
      const options = { ...defaultOptions(component), ...row };
      if (!isWanted(component, { ...settings, ...options })) continue;
      const key = JSON.stringify([sortedEntries(settings), sortedEntries(options)]);
      if (!found.has(key)) found.set(key, { settings, options });
    }
  }
  return [...found.values()];
}

/** Whether the matrix asks for a row: where it says `only`, what meets one of these. */
function isWanted({ matrix: { only } }: Component, facts: Readonly<Record<string, Scalar>>): boolean {
  return only === undefined || only.some((condition) => holds(condition, facts));
}

/** How many configurations a matrix comes to at most: the product of a few settings is beyond measure soon. */
export function matrixSize({ affectedBy, matrix }: Component): number {
  const rows = matrix.options?.length ?? 1;
  return affectedBy.reduce((product, setting) => product * (matrix[setting]?.length ?? 0), rows);
}

/** The identity of a configuration: everything that is known of it before it is built. */
export function identityOf(
  component: Component,
  configuration: Configuration,
  tooling: string,
  source: string,
): ComponentIdentity {
  return {
    schema: 'https://bunny-libos.github.io/schema/component-identity/v1',
    framework: component.framework,
    name: component.name,
    version: component.version,
    settings: configuration.settings,
    options: configuration.options,
    dependencies: component.dependencies,
    provides: component.provides,
    conflicts: component.conflicts,
    tooling,
    source,
  };
}

/** True where `arch` and `platform`, as far as the settings name them, are those of the target. */
export function agrees(settings: Settings, target: TargetName): boolean {
  return (
    (settings.arch === undefined || settings.arch === target.arch) &&
    (settings.platform === undefined || settings.platform === target.platform)
  );
}

/**
 * The part of a list that one of several machines does: every `count`-th, beginning with the `index`-th
 * (from 1). The parts are disjoint and make up the whole, whatever each machine finds done already.
 */
export function shardOf<T>(items: readonly T[], shard: { index: number; count: number } | undefined): T[] {
  if (shard === undefined) return [...items];
  return items.filter((_, position) => position % shard.count === shard.index - 1);
}

function settingsProduct(component: Component): Settings[] {
  let product: Record<string, Scalar>[] = [{}];
  for (const name of component.affectedBy) {
    const values = (component.matrix[name] ?? []) as readonly Scalar[];
    product = product.flatMap((settings) => values.map((value) => ({ ...settings, [name]: value })));
  }
  return product;
}

function defaultOptions(component: Component): Options {
  return Object.fromEntries(
    Object.entries(component.options).map(([name, { default: value }]) => [name, value]),
  );
}

function sortedEntries(record: Readonly<Record<string, Scalar>>): [string, Scalar][] {
  return Object.entries(record).sort(byText(([name]) => name));
}
