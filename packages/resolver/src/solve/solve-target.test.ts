import assert from 'node:assert/strict';
import type { Components, FoundVariant } from 'bunny-libos-namespace';
import { type Root, type Selected, solve } from 'bunny-libos-solver';
import { sha256, type ToolingRules } from 'bunny-libos-spec';
import fc from 'fast-check';
import semver from 'semver';
import { RegistryUniverse } from './registry-universe.js';
import { type SolveTargetOptions, solveOverNamespace } from './solve-target.js';

const names = ['a', 'b', 'c', 'd', 'e'];
const versions = ['1.0.0', '1.1.0', '1.2.0', '2.0.0', '2.1.0', '3.0.0'];
const ranges = ['*', '^1.0.0', '~1.1.0', '^2.0.0', '>=1.1.0', '<2.1.0', '1.0.0 || 3.0.0'];
const rules = {
  abi: 'abi',
  capabilities: {
    cap: { default: 'd', providers: ['d', 'e'] },
    // Nobody says which.
    open: { providers: ['c', 'e'] },
  },
} as unknown as ToolingRules;

interface World {
  variants: FoundVariant[];
  yanked: string[];
  root: Root;
  pins: ReadonlyMap<string, FoundVariant>;
  strategy: 'highest' | 'lowest';
}

/** `own` is no declared capability: it is one where the root names who provides it. */
const capabilities = ['cap', 'open', 'own'];

const providersOf: Readonly<Record<string, readonly string[]>> = {
  cap: ['d', 'e'],
  open: ['c', 'e'],
  own: ['b', 'd'],
};

const requirement = fc.record(
  { version: fc.constantFrom(...ranges), options: fc.constantFrom({ x: true }, { x: false }) },
  { requiredKeys: ['version'] },
);

const made = fc.record({
  version: fc.constantFrom(...versions),
  x: fc.boolean(),
  arch: fc.constantFrom(undefined, 'amd64', 'amd64', 'arm64'),
  // Later names only: circles are refused anyway.
  dependencies: fc.dictionary(fc.constantFrom(...names, ...names, ...capabilities), requirement, {
    maxKeys: 2,
  }),
  conflicts: fc.dictionary(fc.constantFrom(...names, 'cap'), fc.constantFrom('^3.0.0', '~1.1.0'), {
    maxKeys: 1,
  }),
  provided: fc.subarray(capabilities),
  yanked: fc.integer({ min: 0, max: 9 }).map((number) => number === 0),
});

const worlds: fc.Arbitrary<World> = fc
  .record({
    // A version is published once in each configuration.
    made: fc.tuple(
      ...names.map(() =>
        fc.uniqueArray(made, {
          minLength: 1,
          maxLength: 6,
          selector: ({ version, x, arch }) => `${version} ${x} ${arch}`,
        }),
      ),
    ),
    root: fc.dictionary(fc.constantFrom(...names, ...capabilities), requirement, { minKeys: 1, maxKeys: 3 }),
    constraints: fc.oneof(
      fc.constant({}),
      fc.dictionary(fc.constantFrom(...names), requirement, { minKeys: 1, maxKeys: 1 }),
    ),
    providers: fc.constantFrom({}, {}, {}, { cap: 'e' }, { open: 'c' }, { own: 'd' }),
    pinned: fc.array(fc.nat(), { maxLength: 3 }),
    strategy: fc.constantFrom('highest' as const, 'highest' as const, 'lowest' as const),
  })
  .map(({ made, root, constraints, providers, pinned, strategy }) => {
    const variants = made.flatMap((each, index) =>
      each.map(({ version, x, arch, dependencies, conflicts, provided }): FoundVariant => {
        const name = names[index] ?? '';
        const later = Object.entries(dependencies).filter(
          ([on]) => (capabilities.includes(on) && index < 3) || names.indexOf(on) > index,
        );
        const identity: FoundVariant['identity'] = {
          schema: 'https://bunny-libos.github.io/schema/component-identity/v1',
          framework: 'f',
          name,
          version,
          settings: arch === undefined ? {} : { arch },
          options: { x },
          dependencies: Object.fromEntries(later),
          provides: Object.fromEntries(
            provided.filter((each) => providersOf[each]?.includes(name)).map((each) => [each, '1.1.0']),
          ),
          conflicts,
          tooling: 'tooling',
          source: 'source',
        };
        const layerHash = sha256(JSON.stringify(identity));
        const blob = { digest: layerHash, size: 1 };
        return {
          identity,
          layerHash,
          abi: 'abi',
          deviations: x ? 1 : 0,
          manifest: blob,
          layer: blob,
          from: 'r',
        };
      }),
    );
    const pins = pinned.map((number) => variants[number % variants.length] as FoundVariant);
    return {
      variants,
      yanked: made.flatMap((each, index) =>
        each.flatMap(({ version, yanked }) => (yanked ? `${names[index]} ${version}` : [])),
      ),
      root: { name: 'app', requirements: root, constraints, providers, settings: { arch: 'amd64' } },
      pins: new Map(pins.map((pin) => [pin.identity.name, pin])),
      strategy,
    };
  });

/** A namespace in memory that notes which versions are read. */
function namespaceOf({ variants, yanked }: World, read: Set<string>): Components {
  const of = (name: string) => variants.filter(({ identity }) => identity.name === name);
  return {
    async component(name) {
      const found = of(name);
      if (found.length === 0) return undefined;
      const known = [...new Set(found.map(({ identity }) => identity.version))].sort(semver.rcompare);
      return {
        from: 'r',
        repository: {
          versions: known,
          variants: async (version) => {
            read.add(`${name} ${version}`);
            return found.filter(({ identity }) => identity.version === version);
          },
          deprecation: () => Promise.resolve(undefined),
          isYanked: (version) => yanked.includes(`${name} ${version}`),
          statements: async () => new Map(),
          tags: [],
          verify: async () => {},
          all: async () => found,
          save: async () => {},
        },
      };
    },
    async variants(name) {
      const found = of(name);
      for (const { identity } of found) read.add(`${name} ${identity.version}`);
      return found.length === 0 ? undefined : found;
    },
  };
}

function optionsFor(world: World, read = new Set<string>()): SolveTargetOptions {
  const { root, pins, strategy } = world;
  return { root, pins, strategy, rules, tooling: 'tooling', namespace: namespaceOf(world, read) };
}

describe('solveOverNamespace', function () {
  this.timeout(120_000);

  it('answers as the solver does when it is told the whole namespace: closures, failures and their words', async () => {
    let solved = 0;
    const property = fc.asyncProperty(worlds, async (world) => {
      const options = optionsFor(world);
      const pinned = new Set([...world.pins.values()].map(({ layerHash }) => layerHash));
      const whole = await solve(world.root, new RegistryUniverse({ ...options, pinned }), {
        strategy: world.strategy,
        preferred: new Map([...world.pins].map(([name, { layerHash }]) => [name, layerHash])),
      });
      const lazy = await solveOverNamespace(options);
      if (!lazy.solved || !whole.solved) {
        assert.deepEqual(lazy, whole);
        return;
      }
      assert.deepEqual(members(lazy.closure), members(whole.closure));
      for (const { candidate, variant } of lazy.closure.values()) {
        assert.equal(variant.layerHash, candidate.id);
      }
      solved++;
    });
    await fc.assert(property, { numRuns: 2000 });
    assert.ok(solved > 200, `${solved} worlds have a closure`);
  });

  it('answers the same whichever answer comes first', async () => {
    const property = fc.asyncProperty(
      worlds,
      fc.infiniteStream(fc.nat({ max: 3 })),
      async (world, delays) => {
        const slow = optionsFor(world);
        const { namespace } = slow;
        const late = async <T>(answer: Promise<T>): Promise<T> => {
          const turns = delays.next().value ?? 0;
          for (let turn = 0; turn < turns; turn++) await new Promise((next) => setImmediate(next));
          return answer;
        };
        const delayed: SolveTargetOptions = {
          ...slow,
          namespace: {
            component: (name) => late(namespace.component(name)),
            variants: (name) => late(namespace.variants(name)),
          },
        };
        assert.deepEqual(await solveOverNamespace(delayed), await solveOverNamespace(optionsFor(world)));
      },
    );
    await fc.assert(property, { numRuns: 150 });
  });

  it('reads no version that nobody would choose', async () => {
    const read = new Set<string>();
    const variants = versions.flatMap((version) =>
      names.map((name, index): FoundVariant => {
        const next = names[index + 1];
        const identity: FoundVariant['identity'] = {
          schema: 'https://bunny-libos.github.io/schema/component-identity/v1',
          framework: 'f',
          name,
          version,
          settings: {},
          options: {},
          dependencies: next === undefined ? {} : { [next]: { version: '^2.0.0' } },
          provides: {},
          conflicts: {},
          tooling: 'tooling',
          source: 'source',
        };
        const layerHash = sha256(JSON.stringify(identity));
        const blob = { digest: layerHash, size: 1 };
        return { identity, layerHash, abi: 'abi', deviations: 0, manifest: blob, layer: blob, from: 'r' };
      }),
    );
    const root: Root = { name: 'app', requirements: { a: { version: '<3' } }, settings: {} };
    const world: World = { variants, yanked: [], root, pins: new Map(), strategy: 'highest' };
    const found = await solveOverNamespace(optionsFor(world, read));
    assert.ok(found.solved);
    assert.deepEqual(
      [...read].sort(),
      names.map((name) => `${name} 2.1.0`),
    );
  });
});

function members(closure: ReadonlyMap<string, Selected>) {
  return [...closure].map(([name, { candidate, dependencies }]) => [name, candidate.id, dependencies]);
}
