import assert from 'node:assert/strict';
import type { CatalogEntry, CatalogVersion, Settings } from 'bunny-libos-spec';
import {
  type Evidence,
  inferRequirements,
  type Knowledge,
  requirementsFor,
} from './inferred-requirements.js';

const amd64: Settings = { arch: 'amd64', platform: 'qemu' };

interface Offer {
  headers?: string[];
  symbols?: string[];
  provides?: Record<string, string>;
  settings?: Settings;
}

function version(
  number: string,
  { headers = [], symbols = [], provides = {}, settings = {} }: Offer,
): CatalogVersion {
  return {
    version: number,
    provides,
    variants: [{ tag: `${number}_0000000000000000`, settings, options: {} }],
    contents: { headers: [{ names: headers }], symbols: [{ names: symbols }] },
  };
}

function entry(name: string, ...versions: CatalogVersion[]): CatalogEntry {
  return { schema: 'https://bunny-libos.github.io/schema/catalog/v1', framework: 'warren', name, versions };
}

const heap = { headers: ['warren/alloc.h'], symbols: ['malloc', 'free'], provides: { alloc: '1.2.0' } };
const entries = [
  entry('buddy', version('2.0.0', { ...heap, symbols: ['malloc', 'free', 'heap_walk'] })),
  entry('bump', version('1.1.0', { ...heap, provides: { alloc: '1.0.0' } })),
  entry('libc', version('1.4.0', { headers: ['stdio.h', 'string.h'], symbols: ['puts'] })),
  entry(
    'time',
    version('2.1.0', { headers: ['time.h'], symbols: ['time_ns'] }),
    version('1.3.0', { headers: ['time.h'], symbols: ['time_us'] }),
  ),
  entry('lwip', version('2.2.0', { headers: ['tcp.h'], symbols: ['tcp_listen'] })),
  entry('net', version('1.2.0', { headers: ['tcp.h'], symbols: ['tcp_listen', 'net_poll'] })),
  entry('psci', version('1.0.0', { symbols: ['psci_off'], settings: { arch: 'arm64' } })),
];
const capability = { providers: [] };

function infer(evidence: Omit<Evidence, 'settings'>[], more: Partial<Knowledge> = {}) {
  const { requirements, open } = inferRequirements(
    evidence.map((each) => ({ ...each, settings: amd64 })),
    {
      entries,
      capabilities: { alloc: { ...capability, default: 'buddy' }, sched: capability },
      explicit: new Set(),
      chosen: new Set(),
      ...more,
    },
  );
  return {
    requirements: requirements.map(({ name, version: range }) => `${name}: ${range}`),
    open: open.map(({ name, choices }) => [name, ...choices]),
  };
}

const header = (name: string) => ({ kind: 'headers' as const, name });
const symbol = (name: string, presentIn: string[] = []) => ({ kind: 'symbols' as const, name, presentIn });

describe('inferRequirements', () => {
  it('asks for the one component that has a name, from its newest version on', () => {
    assert.deepEqual(infer([header('stdio.h'), header('string.h'), symbol('puts')]), {
      requirements: ['libc: ^1.4.0'],
      open: [],
    });
  });

  it('asks for a capability where every provider has it, as far as all of them go', () => {
    assert.deepEqual(infer([header('warren/alloc.h'), symbol('malloc')]).requirements, ['alloc: ^1.0.0']);
  });

  it('asks for the provider where only that has it', () => {
    assert.deepEqual(infer([symbol('malloc'), symbol('heap_walk')]).requirements, [
      'alloc: ^1.0.0',
      'buddy: ^2.0.0',
    ]);
  });

  it('takes the newest version that has all that is used', () => {
    assert.deepEqual(infer([header('time.h')]).requirements, ['time: ^2.1.0']);
    assert.deepEqual(infer([header('time.h'), symbol('time_us')]).requirements, ['time: ^1.3.0']);
  });

  it('asks where no version has all that is used', () => {
    const { requirements, open } = infer([symbol('time_ns'), symbol('time_us')]);
    assert.deepEqual(requirements, []);
    assert.deepEqual(open, [
      ['time_ns', 'time 2.1.0'],
      ['time_us', 'time 1.3.0'],
    ]);
  });

  it('asks where several components would do', () => {
    assert.deepEqual(infer([header('tcp.h')]), {
      requirements: [],
      open: [['tcp.h', 'lwip 2.2.0', 'net 1.2.0']],
    });
  });

  it('does not ask where one of them is asked for anyway, chosen, or in the closure', () => {
    assert.deepEqual(infer([header('tcp.h'), symbol('net_poll')]).requirements, ['net: ^1.2.0']);
    assert.deepEqual(infer([header('tcp.h')], { explicit: new Set(['lwip']) }), {
      requirements: [],
      open: [],
    });
    assert.deepEqual(infer([header('tcp.h')], { chosen: new Set(['net']) }).requirements, ['net: ^1.2.0']);
    assert.deepEqual(infer([symbol('tcp_listen', ['lwip'])]).requirements, ['lwip: ^2.2.0']);
  });

  it('leaves out what the user asks for already, a provider for its capability too', () => {
    const both = [header('warren/alloc.h'), header('stdio.h')];
    assert.deepEqual(infer(both, { explicit: new Set(['libc', 'bump']) }).requirements, []);
  });

  it('counts only what is published for the target', () => {
    assert.deepEqual(infer([symbol('psci_off')]), { requirements: [], open: [['psci_off']] });
  });
});

describe('requirementsFor', () => {
  const texts = (name: string, more: readonly CatalogEntry[] = []) =>
    requirementsFor(
      { kind: 'symbols', name, settings: amd64 },
      {
        entries: [...entries, ...more],
        capabilities: { alloc: { ...capability, default: 'buddy' } },
        explicit: new Set(),
        chosen: new Set(),
      },
    ).map(({ text }) => text);

  it('names a capability where all its providers have the name, in the version that each of them provides', () => {
    assert.deepEqual(texts('malloc'), ['alloc: ^1.0.0']);
    assert.deepEqual(texts('heap_walk'), ['buddy: ^2.0.0']);
  });

  it('names each component that has it, and beside a capability those outside of it', () => {
    assert.deepEqual(texts('tcp_listen'), ['lwip: ^2.2.0', 'net: ^1.2.0']);
    const slab = entry('slab', version('0.3.0', { symbols: ['malloc'] }));
    assert.deepEqual(texts('malloc', [slab]), ['alloc: ^1.0.0', 'slab: ^0.3.0']);
    assert.deepEqual(texts('psci_off'), []);
  });
});
