import type { FoundVariant } from 'bunny-libos-namespace';
import type { Root } from 'bunny-libos-solver';
import semver from 'semver';

/** A closure, by component. */
export type Closure = ReadonlyMap<string, FoundVariant>;

/** A small namespace, and a lock in it. */
export interface RuleWorld {
  variants: readonly FoundVariant[];
  /** Capability -> who may provide it. */
  capabilities: Readonly<Record<string, readonly string[]>>;
  root: Root;
  locked: Closure;
  renewed: readonly string[];
  allowDowngrade: boolean;
}

/** All closures that a root allows, by brute force. Nothing names what comes before it, so there are no circles. */
export function closuresOf({ variants, capabilities, root }: RuleWorld): Closure[] {
  const names = [...new Set(variants.map(({ identity }) => identity.name))];
  const found: Closure[] = [];
  const members = new Map<string, FoundVariant>();
  const visit = (at: number): void => {
    const name = names[at];
    if (name === undefined) {
      if (isClosure(members, capabilities, root)) found.push(new Map(members));
      return;
    }
    visit(at + 1);
    for (const variant of variants) {
      if (variant.identity.name !== name) continue;
      members.set(name, variant);
      visit(at + 1);
    }
    members.delete(name);
  };
  visit(0);
  return found;
}

function isClosure(members: Closure, capabilities: RuleWorld['capabilities'], root: Root): boolean {
  const all = [...members.values()];
  const provided = all.flatMap(({ identity }) => Object.keys(identity.provides));
  if (new Set(provided).size < provided.length) return false;
  const reached = new Set<string>();
  const follow = (requirements: Root['requirements']): boolean =>
    Object.entries(requirements).every(([name, { version }]) => {
      const isCapability = Object.hasOwn(capabilities, name);
      const member = isCapability
        ? all.find(({ identity }) => Object.hasOwn(identity.provides, name))
        : members.get(name);
      const is = isCapability ? member?.identity.provides[name] : member?.identity.version;
      if (member === undefined || is === undefined || !semver.satisfies(is, version)) return false;
      if (reached.has(member.identity.name)) return true;
      reached.add(member.identity.name);
      return follow(member.identity.dependencies);
    });
  return follow(root.requirements) && reached.size === members.size;
}

/**
 * The closures that the rules of docs/lockfile.md, "What moves", leave, written from their words alone. What is left
 * is equally good by all rules that know no alphabet.
 */
export function leftByTheRules(world: RuleWorld): Closure[] {
  const { locked, renewed, root, variants, allowDowngrade } = world;
  const direct = Object.keys(root.requirements);
  const isDirect = (name: string) =>
    direct.includes(name) || direct.some((each) => locked.get(name)?.identity.provides[each] !== undefined);
  const range = (name: string) => root.requirements[name]?.version ?? '*';
  const pins = [...locked].filter(
    ([name, { identity }]) => !renewed.includes(name) && semver.satisfies(identity.version, range(name)),
  );
  const older = (closure: Closure) =>
    pins.filter(([name, pin]) => {
      const now = closure.get(name)?.identity.version;
      return now !== undefined && semver.lt(now, pin.identity.version);
    });
  const moved = (closure: Closure) => pins.filter(([name, pin]) => (closure.get(name) ?? pin) !== pin);
  const replaced = (closure: Closure) =>
    [...closure.values()].filter(
      ({ identity }) =>
        !pins.some(([name]) => name === identity.name) &&
        pins.some(([, pin]) => Object.keys(identity.provides).some((each) => pin.identity.provides[each])),
    );

  let left = closuresOf(world);
  const fewest = (count: (closure: Closure) => number) => {
    const least = Math.min(...left.map(count));
    left = left.filter((closure) => count(closure) === least);
  };
  const newest = (name: string) => {
    const having = left.filter((closure) => closure.has(name));
    const best = preferred(variants, name).find((each) =>
      having.some((closure) => closure.get(name) === each),
    );
    if (best !== undefined) left = having.filter((closure) => closure.get(name) === best);
  };
  if (!allowDowngrade) fewest((closure) => older(closure).filter(([name]) => isDirect(name)).length);
  for (const name of renewed) newest(name);
  fewest((closure) => moved(closure).length + replaced(closure).length);
  fewest((closure) => moved(closure).filter(([name]) => isDirect(name)).length);
  fewest((closure) => older(closure).length);
  const provided = pins.flatMap(([, { identity }]) => Object.keys(identity.provides));
  for (const name of direct) {
    const isThere = pins.some(([each]) => each === name) || provided.includes(name) || renewed.includes(name);
    if (isThere) continue;
    if (!Object.hasOwn(world.capabilities, name)) newest(name);
    else {
      const best = providersOf(name, world, left);
      left = left.filter((closure) => best.some((provider) => provides(closure, provider, name)));
    }
  }
  return left;
}

function provides(closure: Closure, name: string, capability: string): boolean {
  return closure.get(name)?.identity.provides[capability] !== undefined;
}

/** The providers of a capability that a solver prefers alike: those that are named, those that the lock has, the first. */
function providersOf(
  capability: string,
  { variants, capabilities, root, locked }: RuleWorld,
  left: readonly Closure[],
): readonly string[] {
  const all = capabilities[capability] ?? [];
  const named = all.filter((name) => {
    const range = root.requirements[name]?.version;
    if (range === undefined) return false;
    const fitting = [locked.get(name), ...preferred(variants, name)].filter(
      (each) => each !== undefined && semver.satisfies(each.identity.version, range),
    );
    return fitting[0]?.identity.provides[capability] !== undefined;
  });
  const classes = [named, all.filter((name) => locked.has(name)), all.slice(0, 1), all];
  const isPossible = (name: string) => left.some((closure) => provides(closure, name, capability));
  return classes.find((names) => names.some(isPossible)) ?? [];
}

/** The variants of a component, those that a solver prefers first. */
function preferred(variants: readonly FoundVariant[], name: string): FoundVariant[] {
  return variants
    .filter(({ identity }) => identity.name === name)
    .sort(
      (a, b) =>
        semver.rcompare(a.identity.version, b.identity.version) ||
        a.deviations - b.deviations ||
        (a.layerHash < b.layerHash ? -1 : 1),
    );
}
