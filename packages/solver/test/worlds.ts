import fc from 'fast-check';
import {
  type Candidate,
  memoryUniverse,
  type Requirement,
  type Root,
  type SolveOptions,
} from '../src/index.js';
import type { World } from './oracle.js';

const components = ['a', 'b', 'c', 'd', 'e'];
const capabilities = ['x', 'y'];
const versions = ['1.0.0', '1.1.0', '1.2.0', '2.0.0', '2.1.0-rc.1', '3.0.0'];
const ranges = [
  '*',
  '^1.0.0',
  '^1.1.0',
  '>=1.1.0',
  '~1.1',
  '^2.0.0',
  '<2.0.0',
  '1.0.0 || 3',
  '1.0.0 - 2.0.0',
  '>=2.1.0-rc.0',
];
const interfaces = ['1.0.0', '1.1.0', '2.0.0'];

const range = fc.constantFrom(...ranges);
const when = fc.constantFrom(
  { platform: 'qemu' },
  { platform: ['qemu', 'linuxu'] },
  { platform: 'linuxu' },
  { debug: true },
  { debug: false },
);
const options = fc.constantFrom<{ debug: boolean }>({ debug: false }, { debug: true });

/** Mostly plain, now and then with a condition or options. */
const requirement: fc.Arbitrary<Requirement> = fc.oneof(
  { weight: 6, arbitrary: range.map((version) => ({ version })) },
  { weight: 1, arbitrary: fc.record({ version: range, when }) },
  { weight: 1, arbitrary: fc.record({ version: range, options }) },
);

const requirements = (most: number) =>
  fc.dictionary(fc.constantFrom(...components, ...capabilities), requirement, { maxKeys: most });

const rarely = <T>(weight: number, arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.oneof({ weight, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });

const candidate = fc.record({
  name: fc.constantFrom(...components),
  version: fc.constantFrom(...versions),
  dependencies: rarely(1, requirements(2)),
  provides: rarely(
    3,
    fc.dictionary(fc.constantFrom(...capabilities), fc.constantFrom(...interfaces), { maxKeys: 2 }),
  ),
  conflicts: rarely(5, fc.dictionary(fc.constantFrom(...components, ...capabilities), range, { maxKeys: 1 })),
  settings: rarely(
    4,
    fc.constantFrom({ platform: 'qemu' }, { platform: 'linuxu' }, { arch: 'amd64', platform: 'qemu' }),
  ),
  options: rarely(2, options),
  yanked: rarely(9, fc.constant(true)),
});

const root: fc.Arbitrary<Root> = fc.record(
  {
    name: fc.constant('app'),
    requirements: requirements(3),
    base: requirements(1),
    settings: fc.constant({ arch: 'amd64', platform: 'qemu' }),
    providers: fc.oneof(
      { weight: 5, arbitrary: fc.constant({}) },
      {
        weight: 1,
        arbitrary: fc.dictionary(fc.constantFrom(...capabilities), fc.constantFrom(...components), {
          maxKeys: 1,
        }),
      },
    ),
  },
  { requiredKeys: ['name', 'requirements', 'settings'] },
);

/** Small worlds with every feature of a universe in them, about as many with a closure as without. */
export const worlds: fc.Arbitrary<World> = fc
  .record({
    root,
    candidates: fc.array(candidate, { minLength: 1, maxLength: 9 }),
    defaults: fc.dictionary(fc.constantFrom(...capabilities), fc.constantFrom(...components), { maxKeys: 2 }),
    strategy: fc.constantFrom<'highest' | 'lowest'>('highest', 'highest', 'lowest'),
    locked: fc.array(fc.nat(8), { maxLength: 2 }),
    allowCycles: fc.constantFrom(false, false, true),
  })
  .map(({ root, candidates, defaults, strategy, locked, allowCycles }) => {
    const named = candidates.map((each, i): Candidate => complete(each, i));
    const preferred = new Map(
      locked.flatMap((i) => {
        const each = named[i];
        return each === undefined ? [] : [[each.name, each.id] as const];
      }),
    );
    const options: SolveOptions = { strategy, preferred, allowCycles };
    const universe = memoryUniverse(
      named,
      Object.fromEntries(Object.entries(defaults).map(([name, provider]) => [name, { default: provider }])),
    );
    return { names: components, candidates: named, universe, root, options };
  });

type Loose = { [K in keyof Candidate]?: Candidate[K] | undefined };

function complete(loose: Loose, index: number): Candidate {
  const given = Object.fromEntries(Object.entries(loose).filter(([, value]) => value !== undefined));
  const deviations = loose.options?.debug === true ? 1 : 0;
  return { ...(given as unknown as Candidate), id: `${loose.name}-${index}`, deviations };
}
