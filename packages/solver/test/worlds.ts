import fc from 'fast-check';
import { memoryUniverse } from '../src/search/memory.js';
import type { Candidate, Requirement, Requirements, Root, SolveOptions } from '../src/search/universe.js';
import type { World } from './oracle.js';

const components = ['a', 'b', 'c', 'd', 'e'];
const capabilities = ['x', 'y'];
const stable = ['1.0.0', '1.1.0', '1.2.0', '2.0.0'];
const versions = [...stable, ...stable, ...stable, '2.1.0-rc.1'];
const wide = ['*', '>=1.0.0', '^1.0.0', '>=1.1.0', '1.x || 2.x', '<=2.0.0'];
const narrow = ['~1.1', '^2.0.0', '<1.1.0', '1.0.0 || 2', '1.0.0 - 1.1.0', '>=1.2.0-rc.0', '1.1.0'];
const interfaces = ['1.0.0', '1.1.0', '2.0.0'];

const range = fc.constantFrom(...wide, ...wide, ...wide, ...narrow);
const when = fc.constantFrom(
  { platform: 'qemu' },
  { platform: ['qemu', 'linuxu'] },
  { platform: 'linuxu' },
  { debug: true },
  { debug: false },
);
const options = fc.constantFrom<{ debug: boolean }>({ debug: false }, { debug: false }, { debug: true });

/** Mostly plain, now and then with a condition or options. */
const requirement: fc.Arbitrary<Requirement> = fc.oneof(
  { weight: 10, arbitrary: range.map((version) => ({ version })) },
  { weight: 1, arbitrary: fc.record({ version: range, when }) },
  { weight: 1, arbitrary: fc.record({ version: fc.constant('*'), options }) },
);

const requirements = (names: readonly string[], least: number, most: number) =>
  fc.dictionary(fc.constantFrom(...names), requirement, { minKeys: least, maxKeys: most, size: 'max' });

const rarely = <T>(weight: number, arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.oneof({ weight, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });

/** Most name what comes after them only, so that not every world goes in circles. */
const candidate = (name: string) => {
  const later = [...components.slice(components.indexOf(name) + 1), ...capabilities];
  return fc.record({
    name: fc.constant(name),
    version: fc.constantFrom(...versions),
    dependencies: fc.oneof(
      { weight: 4, arbitrary: requirements(later, 1, 3) },
      { weight: 4, arbitrary: requirements(later, 0, 1) },
      { weight: 1, arbitrary: requirements([...components, ...capabilities], 0, 2) },
    ),
    provides: rarely(
      4,
      fc.dictionary(fc.constantFrom(...capabilities), fc.constantFrom(...interfaces), { maxKeys: 2 }),
    ),
    conflicts: rarely(
      6,
      fc.dictionary(fc.constantFrom(...components, ...capabilities), range, { maxKeys: 1 }),
    ),
    settings: rarely(
      8,
      fc.constantFrom({ platform: 'qemu' }, { platform: 'linuxu' }, { arch: 'amd64', platform: 'qemu' }),
    ),
    options,
    yanked: rarely(14, fc.constant(true)),
  });
};

const candidates = fc
  .tuple(...components.map((name) => fc.array(candidate(name), { minLength: 1, maxLength: 3, size: 'max' })))
  .map((listed) => listed.flat());

const root: fc.Arbitrary<Root> = fc.record(
  {
    name: fc.constant('app'),
    requirements: requirements([...components.slice(0, 3), ...capabilities], 1, 2),
    base: rarely(2, requirements([...components, ...capabilities], 1, 1)) as fc.Arbitrary<Requirements>,
    constraints: rarely(2, requirements(components, 1, 2)) as fc.Arbitrary<Requirements>,
    settings: fc.constant({ arch: 'amd64', platform: 'qemu' }),
  },
  { requiredKeys: ['name', 'requirements', 'settings'] },
);

/** For each capability a number: below the number of its providers, it picks one. */
const picks = (most: number) => fc.tuple(...capabilities.map(() => fc.nat(most)));

function pick(numbers: readonly number[], candidates: readonly Candidate[]): Record<string, string> {
  return Object.fromEntries(
    capabilities.flatMap((capability, i) => {
      const providers = candidates.filter(({ provides }) => Object.hasOwn(provides ?? {}, capability));
      // Now and then one that provides nothing.
      const picked = [...new Set(providers.map(({ name }) => name)), 'a'][numbers[i] ?? 0];
      return picked === undefined ? [] : [[capability, picked]];
    }),
  );
}

/** Small worlds with every feature of a universe in them, about as many with a closure as without. */
export const worlds: fc.Arbitrary<World> = fc
  .record({
    root,
    candidates,
    defaults: picks(4),
    choices: picks(12),
    strategy: fc.constantFrom<'highest' | 'lowest'>('highest', 'highest', 'lowest'),
    locked: fc.array(fc.nat(14), { maxLength: 2 }),
    allowCycles: fc.constantFrom(false, false, true),
    isGentle: fc.boolean(),
  })
  .map(({ isGentle, ...drawn }) => (isGentle ? gentle(drawn) : drawn))
  .map(({ root, candidates, defaults: byDefault, choices, strategy, locked, allowCycles }) => {
    const named = candidates.map((each, i): Candidate => complete(each, i));
    const preferred = new Map(
      locked.flatMap((i) => {
        const each = named[i];
        return each === undefined ? [] : [[each.name, each.id] as const];
      }),
    );
    const options: SolveOptions = { strategy, preferred, allowCycles };
    const defaults = pick(byDefault, named);
    const universe = memoryUniverse(
      named,
      Object.fromEntries(Object.entries(defaults).map(([name, provider]) => [name, { default: provider }])),
    );
    return {
      names: components,
      candidates: named,
      defaults,
      universe,
      root: { ...root, providers: pick(choices, named) },
      options,
    };
  });

type Loose = { [K in keyof Candidate]?: Candidate[K] | undefined };

/** The same world with nothing but wide ranges, for every setting: mostly with a closure, and a large one. */
function gentle<T extends { root: Root; candidates: readonly Loose[] }>({ root, candidates, ...rest }: T) {
  const { requirements, base = {}, constraints = {} } = root;
  return {
    ...rest,
    root: {
      ...root,
      requirements: widened(requirements),
      base: widened(base),
      constraints: widened(constraints),
    },
    candidates: candidates.map(({ dependencies = {}, settings: _, yanked: __, ...more }) => ({
      ...more,
      dependencies: widened(dependencies),
    })),
  };
}

function widened(requirements: Requirements): Requirements {
  return Object.fromEntries(
    Object.entries(requirements).map(([name, requirement]) => [name, { ...requirement, version: '*' }]),
  );
}

function complete(loose: Loose, index: number): Candidate {
  const given = Object.fromEntries(Object.entries(loose).filter(([, value]) => value !== undefined));
  const deviations = loose.options?.debug === true ? 1 : 0;
  // Some provider of each capability there is in most worlds.
  const provides = {
    ...(loose.name === 'd' ? { x: '1.1.0' } : loose.name === 'e' ? { y: '1.1.0' } : {}),
    ...loose.provides,
  };
  return { ...(given as unknown as Candidate), id: `${loose.name}-${index}`, deviations, provides };
}
