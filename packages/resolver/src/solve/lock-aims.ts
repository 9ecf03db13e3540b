import type { FoundVariant } from 'bunny-libos-namespace';
import type { Aim, Candidate, Root } from 'bunny-libos-solver';
import { holds, own } from 'bunny-libos-spec';
import semver from 'semver';
import { hasOptions } from './eligible.js';

/** What a new lock is to have of the one before, and to have anew. */
export interface Wish {
  root: Root;
  /** Component -> what the lock before has. */
  locked: ReadonlyMap<string, FoundVariant>;
  /** Names in the Bunnyfile's dependencies that hold for this target, in its order. */
  direct: readonly string[];
  /** Components of the lock to be chosen anew, in the order in which they were named: `locked` need not have them. */
  renewed: readonly string[];
  /** Components that are asked for directly may become older. */
  allowDowngrade: boolean;
}

/** What is kept, and what is sought among all closures (docs/lockfile.md, "What moves"). */
export interface Keeping {
  pins: ReadonlyMap<string, FoundVariant>;
  aims: readonly Aim[];
  /** The pins that may not become older. */
  held: ReadonlySet<string>;
  /** What is new to the lock, in the order of the Bunnyfile. */
  added: readonly string[];
}

export function keeping({ root, locked, direct, renewed, allowDowngrade }: Wish): Keeping {
  const chosenAnew = new Set(renewed);
  const pins = new Map(
    [...locked].filter(([name, pin]) => !chosenAnew.has(name) && isAskedFor(root, name, pin)),
  );
  const providers = providersOf(pins);
  const owned = new Set(direct.flatMap((name) => (pins.has(name) ? [name] : (providers.get(name) ?? []))));
  const known = new Set([...pins.keys(), ...providers.keys(), ...renewed]);
  const added = direct.filter((name) => !known.has(name));

  const moves = ({ name, id, provides }: Candidate) => {
    const pin = pins.get(name);
    if (pin !== undefined) return Number(pin.layerHash !== id);
    // It takes a place that a pin had: a capability has one provider.
    return Number(Object.keys(provides ?? {}).some((capability) => providers.has(capability)));
  };
  const ages = ({ name, version }: Candidate) => {
    const pin = pins.get(name);
    return Number(pin !== undefined && version !== '' && semver.lt(version, pin.identity.version));
  };
  const ofDirect = (cost: (candidate: Candidate) => number) => (candidate: Candidate) =>
    owned.has(candidate.name) ? cost(candidate) : 0;
  const aims: Aim[] = [
    ...(allowDowngrade ? [] : [{ least: ofDirect(ages) }]),
    ...renewed.map((best) => ({ best })),
    { least: moves },
    { least: ofDirect(moves) },
    { least: ages },
    ...added.map((best) => ({ best })),
  ];
  return {
    pins,
    aims: pins.size === 0 ? aims.filter((aim) => 'best' in aim) : aims,
    held: allowDowngrade ? new Set() : owned,
    added,
  };
}

/** False for what the Bunnyfile itself rules out by now, or the tooling layer: it has to go anyway. */
function isAskedFor(
  { requirements, base, constraints }: Root,
  name: string,
  { identity }: FoundVariant,
): boolean {
  return [requirements, base, constraints].every((asked) => {
    const requirement = own(asked ?? {}, name);
    if (requirement === undefined) return true;
    return (
      semver.satisfies(identity.version, requirement.version) &&
      hasOptions(identity.options, requirement.options)
    );
  });
}

/** Capability -> the pins that provide it. */
function providersOf(pins: ReadonlyMap<string, FoundVariant>): Map<string, string[]> {
  const providers = new Map<string, string[]>();
  for (const [name, { identity }] of pins) {
    for (const capability of Object.keys(identity.provides)) {
      providers.set(capability, [...(providers.get(capability) ?? []), name]);
    }
  }
  return providers;
}

/** The names in a Bunnyfile's dependencies that hold for these settings, in its order. */
export function directNames(dependencies: Root['requirements'], settings: Root['settings']): string[] {
  return Object.entries(dependencies).flatMap(([name, { when }]) => (holds(when, settings) ? [name] : []));
}
