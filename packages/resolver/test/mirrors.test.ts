import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  contentToVerify,
  type Descriptor,
  describe as describeBytes,
  openTarget,
  Store,
  type Target,
  type UnverifiedSource,
} from '@bunny/oci';
import { Bases } from '../src/index.js';

const type = 'application/octet-stream';

/** A loopback address where nothing listens. */
async function deadHost(): Promise<string> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  await new Promise((done) => server.close(done));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return `127.0.0.1:${address.port}`;
}

describe('mirrors of a base', () => {
  let directory: string;
  let store: Store;
  let warnings: string[];

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'bunny-mirrors-'));
    store = await Store.open(join(directory, 'store'));
    warnings = [];
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  /** One try for each request: what is down stays down here. */
  const open = (reference: string): Target => openTarget(reference, { retry: { attempts: 1 } });

  function bases(references: ConstructorParameters<typeof Bases>[0]): Bases {
    return new Bases(references, directory, { open, onWarning: (text) => warnings.push(text) });
  }

  async function put(layout: string, text: string): Promise<Descriptor> {
    const bytes = Buffer.from(text);
    const descriptor = describeBytes(type, bytes);
    await openTarget(`oci:${join(directory, layout)}:small/libc`).push(descriptor, bytes);
    return descriptor;
  }

  const read = async (descriptor: Descriptor, sources: readonly Target[]) =>
    Buffer.from(await store.load(descriptor, sources)).toString();

  it('are asked before the base, in order', () => {
    const known = bases([{ ref: 'oci:origin', mirrors: ['oci:near', 'oci:far'] }, 'oci:other']);
    const names = (base: string) =>
      known.sources(base, 'small', 'libc').map(({ name }) => name.replace(`${directory}/`, ''));
    assert.deepEqual(
      names('oci:origin'),
      ['near', 'far', 'origin', 'other'].map((each) => `oci:${each}:small/libc`),
    );
    assert.deepEqual(
      names('oci:other'),
      ['other', 'near', 'far', 'origin'].map((each) => `oci:${each}:small/libc`),
    );
    assert.deepEqual(
      names('oci:locked'),
      ['near', 'far', 'origin', 'other', 'locked'].map((each) => `oci:${each}:small/libc`),
    );
  });

  it('are passed over with one warning where they lack content', async () => {
    const [one, two] = [await put('origin', 'one'), await put('origin', 'two')];
    const held = await put('near', 'three');
    const sources = bases([{ ref: 'oci:origin', mirrors: ['oci:near'] }]).sources(
      'oci:origin',
      'small',
      'libc',
    );
    assert.equal(await read(held, sources), 'three');
    assert.deepEqual(warnings, []);
    assert.equal(await read(one, sources), 'one');
    assert.equal(await read(two, sources), 'two');
    assert.equal(warnings.length, 1);
    assert.match(warnings[0] ?? '', /^oci:near does not deliver: .*; going on with oci:origin$/);
  });

  it('are passed over where they deliver other bytes', async () => {
    const descriptor = await put('origin', 'right');
    await put('near', 'right');
    const [, hex = ''] = descriptor.digest.split(':');
    const file = join(directory, 'near', 'blobs', 'sha256', hex);
    await rm(file);
    await writeFile(file, 'wrong');
    const sources = bases([{ ref: 'oci:origin', mirrors: ['oci:near'] }]).sources(
      'oci:origin',
      'small',
      'libc',
    );
    assert.equal(await read(descriptor, sources), 'right');
    assert.equal(warnings.length, 1);
  });

  it('are passed over with a warning where a registry delivers other bytes, which the store finds out', async () => {
    const descriptor = await put('origin', 'right');
    const lying = http.createServer((_, response) => void response.end('wrong'));
    await new Promise<void>((done) => lying.listen(0, '127.0.0.1', done));
    const address = lying.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    try {
      const mirrors = [`127.0.0.1:${address.port}/copy`];
      const sources = bases([{ ref: 'oci:origin', mirrors }]).sources('oci:origin', 'small', 'libc');
      assert.equal(await read(descriptor, sources), 'right');
      assert.equal(warnings.length, 1);
      assert.match(warnings[0] ?? '', /\/copy does not deliver: .*; going on with oci:origin$/);
    } finally {
      lying.closeAllConnections();
      lying.close();
    }
  });

  it('are read without verifying what the reader verifies, but where another could be asked', async () => {
    const descriptor = await put('origin', 'right');
    const verified: string[] = [];
    const known = new Bases(['oci:origin', 'oci:near'], directory, {
      open: (reference) => {
        const target = open(reference);
        const each = reference.replace(`${directory}/`, '');
        const fetch = target.fetch.bind(target);
        return Object.assign(target, {
          fetch: (...words: Parameters<Target['fetch']>) => {
            verified.push(each);
            return fetch(...words);
          },
          fetchUnverified: (...words: Parameters<Target['fetch']>) => fetch(...words),
        });
      },
    });
    assert.equal(await read(descriptor, known.sources('oci:origin', 'small', 'libc')), 'right');
    assert.deepEqual(verified, []);
    const content = contentToVerify(known.anySource('oci:origin', 'small', 'libc'), descriptor);
    for await (const _ of content);
    assert.deepEqual(verified, ['oci:origin:small/libc']);
  });

  it('that are down are asked once', async () => {
    const [one, two] = [await put('origin', 'one'), await put('origin', 'two')];
    const host = await deadHost();
    let asked = 0;
    const known = new Bases([{ ref: 'oci:origin', mirrors: [`${host}/copy`] }], directory, {
      open: (reference) => {
        const target = open(reference);
        if (!reference.startsWith(host)) return target;
        const dead = target as Target & UnverifiedSource;
        const fetch = dead.fetchUnverified.bind(dead);
        dead.fetchUnverified = (...words) => {
          asked++;
          return fetch(...words);
        };
        return dead;
      },
      onWarning: (text) => warnings.push(text),
    });
    const sources = known.sources('oci:origin', 'small', 'libc');
    assert.equal(await read(one, sources), 'one');
    assert.equal(await read(two, sources), 'two');
    assert.equal(asked, 1);
    assert.equal(warnings.length, 1);
    assert.match(warnings[0] ?? '', /nothing listens there; going on with oci:origin$/);
  });

  it('stand in for a base that cannot be reached', async () => {
    const origin = `${await deadHost()}/libos`;
    const bytes = Buffer.from(
      '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}',
    );
    const descriptor = describeBytes('application/vnd.oci.image.index.v1+json', bytes);
    const mirror = openTarget(`oci:${join(directory, 'near')}:small/libc`);
    await mirror.push(descriptor, bytes);
    await mirror.tag(descriptor, '1.0.0');
    const repository = bases([{ ref: origin, mirrors: ['oci:near'] }]).repository(origin, 'small', 'libc');
    assert.deepEqual(await repository.tags(), ['1.0.0']);
    assert.equal((await repository.resolve('1.0.0'))?.digest, descriptor.digest);
    assert.equal(warnings.length, 1);
    await assert.rejects(bases([origin]).repository(origin, 'small', 'libc').tags(), {
      code: 'BUNNY_ENETWORK',
    });
  });

  it('tell what refers to an artifact, without asking others than the one that has it', async () => {
    const asked: string[] = [];
    const known = new Bases(['oci:empty', 'oci:near'], directory, {
      open: (reference) => {
        const target = open(reference);
        const referrers = target.referrers.bind(target);
        target.referrers = (...words) => {
          asked.push(reference.replace(`${directory}/`, ''));
          return referrers(...words);
        };
        return target;
      },
    });
    const descriptor = await put('near', 'subject');
    assert.deepEqual(await known.anySource('oci:locked', 'small', 'libc').referrers(descriptor), []);
    assert.deepEqual(asked, ['oci:empty:small/libc', 'oci:near:small/libc']);
  });

  it('do not hide that nobody has the content', async () => {
    const descriptor = await put('elsewhere', 'lost');
    const sources = bases([{ ref: 'oci:origin', mirrors: ['oci:near'] }]).sources(
      'oci:origin',
      'small',
      'libc',
    );
    await assert.rejects(read(descriptor, sources), { code: 'BUNNY_ENOTFOUND' });
  });

  it('show what arrives to an observer', async () => {
    const descriptor = await put('origin', 'observed');
    const seen: string[] = [];
    const known = new Bases(['oci:origin'], directory, {
      observer: {
        begin: ({ size }, place) => {
          seen.push(`begin ${size} ${place.replace(`${directory}/`, '')}`);
          return { moved: (bytes) => seen.push(`moved ${bytes}`), end: () => seen.push('end') };
        },
      },
    });
    await read(descriptor, known.sources('oci:origin', 'small', 'libc'));
    assert.deepEqual(seen, ['begin 8 oci:origin:small/libc', 'moved 8', 'end']);
  });
});
