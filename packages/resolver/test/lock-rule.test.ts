import assert from 'node:assert/strict';
import type { Components, FoundVariant } from 'bunny-libos-namespace';
import { sha256, type ToolingRules } from 'bunny-libos-spec';
import fc from 'fast-check';
import semver from 'semver';
import { keeping } from '../src/solve/lock-aims.js';
import { solveOverNamespace } from '../src/solve/solve-target.js';
import { type Closure, closuresOf, leftByTheRules, type RuleWorld } from './lock-rule.js';

const names = ['a', 'b', 'c', 'd', 'e'];
const versions = ['1.0.0', '2.0.0', '3.0.0'];
const ranges = ['*', '^1.0.0', '^2.0.0', '^3.0.0', '>=2', '<3', '1 || 3'];
const providers = ['d', 'e'];

interface Sketch {
  /** For each component its versions, and for each of these what it needs of later ones. */
  made: { version: string; debug: boolean; needs: Record<string, string>; provides: boolean }[][];
  root: Record<string, string>;
  more: Record<string, string>;
  lock: number;
  renewed: string[];
  allowDowngrade: boolean;
}

const range = fc.constantFrom(...ranges);

const sketches: fc.Arbitrary<Sketch> = fc.record({
  made: fc.tuple(
    ...names.map((name, index) =>
      fc.uniqueArray(
        fc.record({
          version: fc.constantFrom(...versions),
          debug: fc.constantFrom(false, false, false, true),
          needs:
            index + 1 < names.length
              ? fc.dictionary(
                  fc.constantFrom(...names.slice(index + 1), ...(index < 3 ? ['cap'] : [])),
                  range,
                  {
                    minKeys: 1,
                    maxKeys: 2,
                    size: 'max',
                  },
                )
              : fc.constant({}),
          provides: providers.includes(name) ? fc.constantFrom(true, false, false) : fc.constant(false),
        }),
        { minLength: 2, maxLength: 4, size: 'max', selector: ({ version, debug }) => `${version} ${debug}` },
      ),
    ),
  ),
  root: fc.dictionary(fc.constantFrom('a', 'b', 'c', 'cap'), fc.constantFrom('*', '*', '>=2'), {
    minKeys: 1,
    maxKeys: 3,
  }),
  more: fc.oneof(
    fc.constant({}),
    fc.dictionary(fc.constantFrom('a', 'b', 'c', 'cap'), fc.constant('*'), { minKeys: 2, maxKeys: 2 }),
    fc.dictionary(fc.constantFrom(...names, 'cap'), range, { maxKeys: 2 }),
  ),
  lock: fc.nat(),
  renewed: fc.oneof(fc.constant<string[]>([]), fc.uniqueArray(fc.constantFrom(...names), { maxLength: 2 })),
  allowDowngrade: fc.boolean(),
});

/** The world that a sketch describes, its components called by other names. Undefined where it has no closure to be locked. */
function worldOf(sketch: Sketch, called: (name: string) => string): RuleWorld | undefined {
  const { made, root, more, lock, renewed, allowDowngrade } = sketch;
  const rename = (needs: Record<string, string>) =>
    Object.fromEntries(Object.entries(needs).map(([name, version]) => [called(name), { version }]));
  const variants = made.flatMap((each, index) =>
    each.map(({ version, debug, needs, provides }): FoundVariant => {
      const name = names[index] ?? '';
      const identity: FoundVariant['identity'] = {
        schema: 'https://bunny-libos.github.io/schema/component-identity/v1',
        framework: 'f',
        name: called(name),
        version,
        settings: {},
        options: { debug },
        dependencies: rename(needs),
        provides: provides ? { cap: semver.inc(version, 'patch') ?? '' } : {},
        conflicts: {},
        tooling: 'tooling',
        source: 'source',
      };
      const layerHash = sha256(JSON.stringify([name, version, debug]));
      const blob = { digest: layerHash, size: 1 };
      return {
        identity,
        layerHash,
        abi: 'abi',
        deviations: debug ? 1 : 0,
        manifest: blob,
        layer: blob,
        from: 'r',
      };
    }),
  );
  const settings = { arch: 'amd64' };
  const world: RuleWorld = {
    variants,
    capabilities: { cap: providers.map(called) },
    root: { name: 'app', requirements: rename(root), settings },
    locked: new Map(),
    renewed: [],
    allowDowngrade,
  };
  const closures = closuresOf(world);
  if (closures.length === 0) return undefined;
  // The same one, whatever the names: closures come in the order of the sketch.
  const locked = closures[lock % closures.length] as Closure;
  return {
    ...world,
    root: { ...world.root, requirements: rename({ ...root, ...more }) },
    locked,
    renewed: renewed.map(called).filter((name) => locked.has(name)),
  };
}

function namespaceOf({ variants }: RuleWorld): Components {
  return {
    async component(name) {
      const found = variants.filter(({ identity }) => identity.name === name);
      if (found.length === 0) return undefined;
      const known = [...new Set(found.map(({ identity }) => identity.version))].sort(semver.rcompare);
      return {
        from: 'r',
        repository: {
          versions: known,
          variants: async (version) => found.filter(({ identity }) => identity.version === version),
          deprecation: () => Promise.resolve(undefined),
          isYanked: () => false,
          statements: async () => new Map(),
          tags: [],
          verify: async () => {},
          all: async () => found,
          save: async () => {},
        },
      };
    },
    async variants(name) {
      const found = variants.filter(({ identity }) => identity.name === name);
      return found.length === 0 ? undefined : found;
    },
  };
}

async function changed(world: RuleWorld): Promise<Closure | undefined> {
  const { root, renewed, allowDowngrade, capabilities } = world;
  const locked = new Map([...world.locked].filter(([name]) => !renewed.includes(name)));
  const direct = Object.keys(root.requirements);
  const { pins, aims } = keeping({ root, locked, direct, renewed, allowDowngrade });
  const [first = ''] = capabilities.cap ?? [];
  const rules = {
    abi: 'abi',
    capabilities: { cap: { default: first, providers: capabilities.cap } },
  } as unknown as ToolingRules;
  const solution = await solveOverNamespace({
    root,
    rules,
    tooling: 'tooling',
    namespace: namespaceOf(world),
    pins,
    aims,
    remembered: [...world.locked.keys()].filter((name) => !pins.has(name)),
  });
  if (!solution.solved) return undefined;
  return new Map([...solution.closure].map(([name, { variant }]) => [name, variant]));
}

/** What a closure is, whatever its components are called. */
function described(closure: Closure, called: ReadonlyMap<string, string>): string {
  const members = [...closure].map(([name, { layerHash }]) => `${called.get(name)} ${layerHash}`);
  return members.sort().join(', ');
}

describe('the rules by which a lock changes', function () {
  this.timeout(120_000);

  const shuffled = fc.shuffledSubarray(['p', 'q', 'r', 's', 't'], { minLength: 5, maxLength: 5 });

  it('are those of the documentation, and call for the same lock whatever components are called', async () => {
    let solved = 0;
    let certain = 0;
    let moving = 0;
    const property = fc.asyncProperty(sketches, shuffled, async (sketch, others) => {
      const world = worldOf(sketch, (name) => name);
      if (world === undefined) return;
      const answer = await changed(world);
      const left = leftByTheRules(world);
      if (answer === undefined) {
        assert.deepEqual(left, []);
        return;
      }
      solved++;
      const same = new Map(names.map((name) => [name, name]));
      const best = left.map((closure) => described(closure, same));
      assert.ok(best.includes(described(answer, same)), 'a better one is left');
      if ([...world.locked].some(([name, pin]) => (answer.get(name) ?? pin) !== pin)) moving++;

      const renamed = new Map(names.map((name, index) => [name, others[index] ?? '']));
      const back = new Map([...renamed].map(([name, other]) => [other, name]));
      const twin = worldOf(sketch, (name) => renamed.get(name) ?? name);
      const other = twin && (await changed(twin));
      assert.ok(other !== undefined);
      assert.ok(best.includes(described(other, back)), 'by other names a better one is left');
      if (best.length > 1) return;
      certain++;
      assert.equal(described(other, back), described(answer, same));
    });
    await fc.assert(property, { numRuns: 1500 });
    assert.ok(
      solved > 700 && certain > 500 && moving > 150,
      `${solved} solved, ${certain} certain, ${moving} move`,
    );
  });
});
