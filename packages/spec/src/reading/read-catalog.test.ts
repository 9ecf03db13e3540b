import assert from 'node:assert/strict';
import type { CatalogEntry } from '../documents/catalog.js';
import { BunnyError } from '../errors/errors.js';
import { readCatalogEntry } from './read-catalog.js';

const entry: CatalogEntry = {
  schema: 'https://bunny-libos.github.io/schema/catalog/v1',
  framework: 'warren',
  name: 'net',
  description: 'TCP/IP',
  versions: [
    {
      version: '1.2.0',
      provides: { sockets: '1.0.0' },
      variants: [
        { tag: '1.2.0_0000000000000001', settings: { arch: 'amd64' }, options: { ipv6: false } },
        { tag: '1.2.0_0000000000000002', settings: { arch: 'amd64' }, options: { ipv6: true } },
      ],
      contents: {
        headers: [{ names: ['net/tcp.h'] }],
        symbols: [{ names: ['__proto__', 'tcp_listen'] }, { names: ['ip6_input'], variants: [1] }],
      },
    },
    {
      version: '1.1.0',
      provides: {},
      variants: [{ tag: '1.1.0_0000000000000003', settings: {}, options: {} }],
    },
  ],
};

const read = (value: unknown) =>
  readCatalogEntry(Buffer.from(JSON.stringify(value)), 'localhost/warren/catalog:net');

function refused(value: unknown): BunnyError {
  try {
    read(value);
  } catch (error) {
    if (error instanceof BunnyError) return error;
    throw error;
  }
  throw new assert.AssertionError({ message: 'it was accepted' });
}

/** The entry with its first version changed. */
function withVersion(change: object): unknown {
  return { ...entry, versions: [{ ...entry.versions[0], ...change }] };
}

describe('readCatalogEntry', () => {
  it('reads what it says', () => {
    assert.deepEqual(read(entry), entry);
  });

  it('refuses unknown keys, versions and tags that are none, and an empty list', () => {
    assert.equal(refused({ ...entry, extra: 1 }).code, 'BUNNY_EUNKNOWNKEY');
    assert.equal(refused(withVersion({ version: '1.2' })).code, 'BUNNY_EVERSION');
    assert.equal(refused({ ...entry, versions: [] }).code, 'BUNNY_ETYPE');
    assert.equal(
      refused(withVersion({ variants: [{ tag: 'latest', settings: {}, options: {} }] })).code,
      'BUNNY_ETYPE',
    );
  });

  it('refuses names of variants that are not listed, and tags of another version', () => {
    const stray = withVersion({ contents: { headers: [], symbols: [{ names: ['x'], variants: [2] }] } });
    assert.equal(refused(stray).code, 'BUNNY_EMETADATA');
    const foreign = withVersion({
      variants: [{ tag: '1.1.0_0000000000000001', settings: {}, options: {} }],
      contents: undefined,
    });
    assert.equal(refused(foreign).code, 'BUNNY_EMETADATA');
  });
});
