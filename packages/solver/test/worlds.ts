import fc from 'fast-check';
import {
  type Candidate,
  memoryUniverse,
  type Requirement,
  type Requirements,
  type Root,
  type SolveOptions,
} from '../src/index.js';
import type { World } from './oracle.js';

const components = ['a', 'b', 'c', 'd', 'e'];
const capabilities = ['x', 'y'];
const versions = ['1.0.0', '1.1.0', '2.0.0', '1.2.0', '2.1.0-rc.1'];
const wide = ['*', '>=1.0.0', '^1.0.0', '>=1.1.0', '1.x || 2.x', '<=2.0.0'];
const narrow = ['~1.1', '^2.0.0', '<1.1.0', '1.0.0 || 2', '1.0.0 - 1.1.0', '>=2.1.0-rc.0', '1.1.0'];
const interfaces = ['1.0.0', '1.1.0', '2.0.0'];

const range = fc.constantFrom(...wide, ...wide, ...wide, ...narrow);
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
  { weight: 10, arbitrary: range.map((version) => ({ version })) },
  { weight: 1, arbitrary: fc.record({ version: range, when }) },
  { weight: 1, arbitrary: fc.record({ version: range, options }) },
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
      { weight: 6, arbitrary: requirements(later, 1, 3) },
      { weight: 3, arbitrary: requirements(later, 0, 1) },
      { weight: 1, arbitrary: requirements([...components, ...capabilities], 0, 2) },
    ),
    provides: rarely(
      2,
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
    options: rarely(2, options),
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
    candidates,
    defaults: fc.dictionary(fc.constantFrom(...capabilities), fc.constantFrom(...components), { maxKeys: 2 }),
    strategy: fc.constantFrom<'highest' | 'lowest'>('highest', 'highest', 'lowest'),
    locked: fc.array(fc.nat(14), { maxLength: 2 }),
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
    return { names: components, candidates: named, defaults, universe, root, options };
  });

type Loose = { [K in keyof Candidate]?: Candidate[K] | undefined };

function complete(loose: Loose, index: number): Candidate {
  const given = Object.fromEntries(Object.entries(loose).filter(([, value]) => value !== undefined));
  const deviations = loose.options?.debug === true ? 1 : 0;
  return { ...(given as unknown as Candidate), id: `${loose.name}-${index}`, deviations };
}
