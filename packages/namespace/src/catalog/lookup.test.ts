import assert from 'node:assert/strict';
import type { CatalogEntry, CatalogVersion } from 'bunny-libos-spec';
import { definersOf, definerText, entriesAbout, offeredNames } from './lookup.js';

const tag = (version: string, number: number) => `${version}_${String(number).padStart(16, '0')}`;

function entry(name: string, versions: CatalogVersion[], description?: string): CatalogEntry {
  return {
    schema: 'https://bunny-libos.github.io/schema/catalog/v1',
    framework: 'warren',
    name,
    ...(description === undefined ? {} : { description }),
    versions,
  };
}

const configurations = (['amd64', 'arm64'] as const).flatMap((arch) =>
  [false, true].map((ipv6) => ({ arch, ipv6 })),
);

const net = entry(
  'net',
  [
    {
      version: '1.2.0',
      provides: { sockets: '1.0.0' },
      variants: configurations.map(({ arch, ipv6 }, index) => ({
        tag: tag('1.2.0', index),
        settings: { arch },
        options: { ipv6 },
      })),
      contents: {
        headers: [{ names: ['net/tcp.h'] }],
        symbols: [
          { names: ['tcp_listen'] },
          { names: ['ip6_input'], variants: [1, 3] },
          { names: ['arm_checksum'], variants: [2, 3] },
          { names: ['arm_ip6_checksum'], variants: [3] },
        ],
      },
    },
  ],
  'TCP/IP for virtio NICs',
);
const lwip = entry('lwip', [
  {
    version: '2.0.0',
    provides: {},
    variants: [{ tag: tag('2.0.0', 9), settings: { arch: 'amd64' }, options: {} }],
    contents: { headers: [{ names: ['lwip/tcp.h'] }], symbols: [{ names: ['tcp_listen'] }] },
  },
]);

const texts = (symbol: string, settings?: { arch: string }) =>
  (definersOf([net, lwip], 'symbols', [symbol], settings).get(symbol) ?? []).map(definerText);

describe('definersOf', () => {
  it('names every version that offers a name', () => {
    assert.deepEqual(texts('tcp_listen'), ['net 1.2.0', 'lwip 2.0.0']);
    assert.deepEqual(definersOf([net], 'headers', ['net/tcp.h', 'tcp.h']).size, 1);
  });

  it('says which options or settings it takes', () => {
    assert.deepEqual(texts('ip6_input'), ['net 1.2.0 with ipv6=true']);
    assert.deepEqual(texts('arm_checksum'), ['net 1.2.0 for arch=arm64']);
    assert.deepEqual(texts('arm_ip6_checksum'), ['net 1.2.0 for arch=arm64 with ipv6=true']);
  });

  it('counts only variants for the settings that are given', () => {
    assert.deepEqual(texts('tcp_listen', { arch: 'arm64' }), ['net 1.2.0']);
    assert.deepEqual(texts('arm_checksum', { arch: 'arm64' }), ['net 1.2.0']);
    assert.deepEqual(texts('arm_checksum', { arch: 'amd64' }), []);
  });
});

describe('entriesAbout', () => {
  it('looks at names, capabilities, headers and descriptions, in this order', () => {
    const about = (word: string) => entriesAbout([lwip, net], word).map(({ name }) => name);
    assert.deepEqual(about('net'), ['net']);
    assert.deepEqual(about('SOCK'), ['net']);
    assert.deepEqual(about('tcp'), ['lwip', 'net']);
    assert.deepEqual(about('virtio'), ['net']);
    assert.deepEqual(about('usb'), []);
  });
});

describe('offeredNames', () => {
  it('lists each name once', () => {
    assert.deepEqual(
      [...offeredNames([net, lwip], 'symbols')].filter((name) => name === 'tcp_listen'),
      ['tcp_listen'],
    );
  });
});
