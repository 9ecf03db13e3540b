import type { Candidate, Capability, Requirement, Root, SolveOptions } from '../src/search/universe.js';

/** A root and a universe that can be made as large as one likes. */
export interface Grown {
  wishes: Record<string, string>;
  candidates: readonly Candidate[];
  capabilities?: Readonly<Record<string, Partial<Capability>>>;
  options?: SolveOptions;
  isSolvable?: boolean;
}

/** `version` of a component that needs others: `{ b: '^1.0.0' }`. */
export function make(
  name: string,
  version: string,
  needs: Readonly<Record<string, string>> = {},
  more: Partial<Candidate> = {},
): Candidate {
  return { name, version, id: version, dependencies: ranges(needs), ...more };
}

export function ranges(needs: Readonly<Record<string, string>>): Record<string, Requirement> {
  return Object.fromEntries(Object.entries(needs).map(([name, version]) => [name, { version }]));
}

export function rootOf({ wishes }: Grown): Root {
  return { name: 'app', requirements: ranges(wishes), settings: { arch: 'amd64', platform: 'qemu' } };
}

/** The first so many whole numbers. */
export function count(length: number): number[] {
  return Array.from({ length }, (_, i) => i);
}

const gone = make('gone', '1.0.0');

function each(size: number, make: (i: number) => [string, string]): Record<string, string> {
  return Object.fromEntries(count(size).map(make));
}

function provider(name: string, capability: string, needs: Record<string, string> = {}): Candidate {
  return make(name, '1.0.0', needs, { provides: { [capability]: '1.0.0' } });
}

/** A chain of components, and how its last one is. */
function chain(size: number, versions: readonly string[], last: Record<string, string>): Candidate[] {
  return count(size).flatMap((i) =>
    versions.map((version) =>
      make(`c${i}`, version, i < size - 1 ? { [`c${i + 1}`]: `>=${version}` } : last),
    ),
  );
}

function capabilities(size: number, provide: (capability: string) => Candidate[]): Grown {
  const names = count(size).map((i) => `cap${i}`);
  return { wishes: Object.fromEntries(names.map((name) => [name, '*'])), candidates: names.flatMap(provide) };
}

/** Each by what it is: what a search without care takes a square of its size for, or the stack. */
export const growing: Readonly<Record<string, (size: number) => Grown>> = {
  'versions that all fail for one reason': (size) => ({
    wishes: { a: '*' },
    candidates: [...count(size).map((i) => make('a', `1.${i}.0`, { gone: '^2.0.0' })), gone],
  }),
  'versions that fail for a reason each': (size) => ({
    wishes: { a: '*' },
    candidates: [...count(size).map((i) => make('a', `1.${i}.0`, { gone: `^2.${i}.0` })), gone],
  }),
  'versions with ten dependencies each, of which one fails': (size) => ({
    wishes: { a: '*' },
    candidates: [
      ...count(size).map((i) =>
        make('a', `1.${i}.0`, { ...each(9, (j) => [`d${j}`, `>=0.${i}.0`]), gone: `^2.${i}.0` }),
      ),
      ...count(9).map((j) => make(`d${j}`, '1.0.0')),
      gone,
    ],
  }),
  'versions that fail by a version of another each': (size) => ({
    wishes: { a: '*' },
    candidates: [
      ...count(size).map((i) => make('a', `1.${i}.0`, { b: `1.${i}.0` })),
      ...count(size).map((i) => make('b', `1.${i}.0`, { gone: '^2.0.0' })),
      gone,
    ],
  }),
  'versions that need a component each that does not exist': (size) => ({
    wishes: { a: '*' },
    candidates: count(size).map((i) => make('a', `1.${i}.0`, { [`gone${i}`]: '*' })),
  }),
  'versions of which only the oldest will do': (size) => ({
    wishes: { a: '*', z: '*' },
    candidates: [
      ...count(size).flatMap((i) => [make('a', `1.${i}.0`, { m: `1.${i}.0` }), make('m', `1.${i}.0`)]),
      make('z', '1.0.0', { m: '1.0.0' }),
    ],
    isSolvable: true,
  }),
  'versions that need yanked ones': (size) => ({
    wishes: { a: '*' },
    candidates: count(size).flatMap((i) => [
      make('a', `1.${i}.0`, { b: `1.${i}.0` }),
      make('b', `1.${i}.0`, {}, { yanked: true }),
    ]),
  }),
  'versions for other platforms': (size) => ({
    wishes: { a: '*' },
    candidates: count(size).flatMap((i) => [
      make('a', `1.${i}.0`, { b: `1.${i}.0` }),
      make('b', `1.${i}.0`, {}, { settings: { platform: `p${i % 100}`, arch: `a${i % 3}` } }),
    ]),
  }),
  'versions that exclude those of another': (size) => ({
    wishes: { a: '*', b: '*' },
    candidates: count(size).flatMap((i) => [
      make('a', `1.${i}.0`, {}, { conflicts: { b: `<=1.${i}.0` } }),
      make('b', `1.${i}.0`, {}, { conflicts: { a: `<1.${i}.0` } }),
    ]),
  }),
  'versions in cycles': (size) => ({
    wishes: { a: '*' },
    candidates: count(size).flatMap((i) => [
      make('a', `1.${i}.0`, { b: `1.${i}.0` }),
      make('b', `1.${i}.0`, { a: `1.${i}.0` }),
    ]),
  }),
  'options that exclude one another': (size) => ({
    wishes: each(size, (i) => [`a${i}`, '*']),
    candidates: count(size).flatMap((i): Candidate[] => [
      { ...make(`a${i}`, '1.0.0'), dependencies: { lib: { version: '*', options: { kind: i } } } },
      { name: 'lib', version: '1.0.0', id: `${i}`, options: { kind: i } },
    ]),
  }),
  'wishes that each exclude one version': (size) => ({
    wishes: each(size, (i) => [`a${i}`, '*']),
    candidates: count(size).flatMap((i) => [
      make(`a${i}`, '1.0.0', { lib: `<1.${i}.0 || >1.${i}.0` }),
      make('lib', `1.${i}.0`),
    ]),
  }),
  'wishes for what does not exist': (size) => ({
    wishes: each(size, (i) => [`a${i}`, '*']),
    candidates: [gone],
  }),
  'providers that all fail': (size) => ({
    wishes: { cap: '*' },
    candidates: [...count(size).map((i) => provider(`p${i}`, 'cap', { gone: '^2.0.0' })), gone],
    capabilities: { cap: { default: 'p0' } },
  }),
  'providers nobody chooses between': (size) => ({
    wishes: { cap: '*' },
    candidates: count(size).map((i) => provider(`p${i}`, 'cap')),
  }),
  'providers of too old an interface': (size) => ({
    wishes: { cap: '^2.0.0' },
    candidates: count(size).map((i) => provider(`p${i}`, 'cap')),
    capabilities: { cap: { default: 'p0' } },
  }),
  'capabilities with one provider that is able': (size) => ({
    ...capabilities(size, (capability) => [
      provider(`${capability}-old`, capability),
      make(`${capability}-new`, '1.0.0', {}, { provides: { [capability]: '2.0.0' } }),
    ]),
    wishes: each(size, (i) => [`cap${i}`, '^2.0.0']),
    isSolvable: true,
  }),
  'capabilities with as many providers': (size) => {
    const root = Math.ceil(Math.sqrt(size));
    return capabilities(root, (capability) =>
      count(root).map((i) => provider(`${capability}-${i}`, capability)),
    );
  },
  'a chain': (size) => ({ wishes: { c0: '*' }, candidates: chain(size, ['1.0.0'], {}), isSolvable: true }),
  'a chain without an end': (size) => ({
    wishes: { c0: '*' },
    candidates: chain(size, ['1.0.0'], { gone: '*' }),
  }),
  'a chain of two versions without an end': (size) => ({
    wishes: { c0: '*' },
    candidates: chain(size, ['1.0.0', '2.0.0'], { gone: '*' }),
  }),
  'a chain that a wish beside it turns back': (size) => ({
    wishes: { c0: '*', pin: '^1.0.0' },
    candidates: [
      ...count(size).flatMap((i) => {
        const next = i < size - 1 ? `c${i + 1}` : 'pin';
        return [make(`c${i}`, '1.0.0', { [next]: '*' }), make(`c${i}`, '2.0.0', { [next]: '^2.0.0' })];
      }),
      make('pin', '1.0.0'),
      make('pin', '2.0.0'),
    ],
    isSolvable: true,
  }),
  'a cycle': (size) => ({
    wishes: { c0: '*' },
    candidates: count(size).map((i) => make(`c${i}`, '1.0.0', { [`c${(i + 1) % size}`]: '*' })),
  }),
  'cycles of two': (size) => ({
    wishes: each(size, (i) => [`c${i}`, '*']),
    candidates: count(size).flatMap((i) => [
      make(`c${i}`, '1.0.0'),
      make(`c${i}`, '2.0.0', { [`d${i}`]: '*' }),
      make(`d${i}`, '1.0.0', { [`c${i}`]: '*' }),
    ]),
    isSolvable: true,
  }),
  'a wide diamond': (size) => ({
    wishes: { top: '*' },
    candidates: [
      make(
        'top',
        '1.0.0',
        each(size, (i) => [`m${i}`, '*']),
      ),
      ...count(size).flatMap((i) => [
        make(`m${i}`, '1.0.0', { bottom: `<1.${i}.0` }),
        make('bottom', `1.${i}.0`),
      ]),
    ],
  }),
  'a deep diamond': (size) => ({
    wishes: { top0: '*' },
    candidates: [
      ...count(size).flatMap((i) => [
        make(`top${i}`, '1.0.0', { [`left${i}`]: '*', [`right${i}`]: '*' }),
        make(`left${i}`, '1.0.0', { [`top${i + 1}`]: '*' }),
        make(`right${i}`, '1.0.0', { [`top${i + 1}`]: '*' }),
      ]),
      make(`top${size}`, '1.0.0', { gone: '^2.0.0' }),
    ],
  }),
  'a ladder down to nothing': (size) => ({
    wishes: { c0: '*' },
    candidates: [
      ...count(size).flatMap((i) =>
        count(10).map((v) =>
          make(`c${i}`, `1.${v}.0`, i + 1 < size ? { [`c${i + 1}`]: `<=1.${v}.0` } : { gone: `2.${v}.0` }),
        ),
      ),
      gone,
    ],
  }),
};
