import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Bases } from 'bunny-libos-namespace';
import {
  contentToVerify,
  copy,
  type Descriptor,
  describe as describeBytes,
  Network,
  openTarget,
  packIndex,
  packManifest,
  pushBytes,
  readBytes,
  Store,
  type Target,
  type UnverifiedSource,
} from 'bunny-libos-oci';

const type = 'application/octet-stream';

/** Starts a server on loopback. Gives its host. */
async function listening(server: http.Server): Promise<string> {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return `127.0.0.1:${address.port}`;
}

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
  const network = new Network({ retry: { attempts: 1 } });
  /** The same, whose targets are looked into. */
  const watched = (watch: (reference: string, target: Target) => Target): Pick<Network, 'open'> => ({
    open: (reference) => watch(String(reference), network.open(reference)),
  });

  function bases(references: ConstructorParameters<typeof Bases>[0]): Bases {
    return new Bases(references, directory, { network, onWarning: (text) => warnings.push(text) });
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
    assert.match(warnings[0] ?? '', /^oci:near failed: .*; continuing with oci:origin$/);
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
    const host = await listening(lying);
    try {
      const mirrors = [`${host}/copy`];
      const sources = bases([{ ref: 'oci:origin', mirrors }]).sources('oci:origin', 'small', 'libc');
      assert.equal(await read(descriptor, sources), 'right');
      assert.equal(warnings.length, 1);
      assert.match(warnings[0] ?? '', /\/copy failed: .*; continuing with oci:origin$/);
    } finally {
      lying.closeAllConnections();
      lying.close();
    }
  });

  it('are read without verifying what the reader verifies, but where another could be asked', async () => {
    const descriptor = await put('origin', 'right');
    const verified: string[] = [];
    const known = new Bases(['oci:origin', 'oci:near'], directory, {
      network: watched((reference, target) => {
        const each = reference.replace(`${directory}/`, '');
        const fetch = target.fetch.bind(target);
        return Object.assign(target, {
          fetch: (...words: Parameters<Target['fetch']>) => {
            verified.push(each);
            return fetch(...words);
          },
          fetchUnverified: (...words: Parameters<Target['fetch']>) => fetch(...words),
        });
      }),
    });
    assert.equal(await read(descriptor, known.sources('oci:origin', 'small', 'libc')), 'right');
    assert.deepEqual(verified, []);
    const content = contentToVerify(known.anySource('oci:origin', 'small', 'libc'), descriptor);
    for await (const _ of content);
    assert.deepEqual(verified, ['oci:origin:small/libc']);
  });

  describe('that a copy has read half of', () => {
    const layer = Buffer.alloc(1_000_000, 'layer');
    let manifest: Descriptor;

    /** Writes an artifact with a large layer and a large manifest. */
    async function putArtifact(layout: string): Promise<void> {
      const target = openTarget(`oci:${join(directory, layout)}:small/libc`);
      const layers = [await pushBytes(target, type, layer)];
      const annotations = { filler: 'x'.repeat(400_000) };
      manifest = await packManifest(target, { artifactType: type, layers, annotations });
    }

    /** An index leads to the manifest, so that the copy reads it by its descriptor. */
    function putIndex(layout: string): Promise<Descriptor> {
      const target = openTarget(`oci:${join(directory, layout)}:small/libc`);
      return packIndex(target, { manifests: [manifest] });
    }

    async function damage(layout: string, digest: string): Promise<void> {
      const file = join(directory, layout, 'blobs', 'sha256', digest.replace('sha256:', ''));
      const bytes = await readFile(file);
      await rm(file);
      await writeFile(file, bytes.fill('y', bytes.length - 10, bytes.length - 5));
    }

    const isCopied = async (index: Descriptor) => {
      const to = openTarget(`oci:${join(directory, 'copy')}`);
      await copy(bases(['oci:near', 'oci:origin']).anySource('oci:near', 'small', 'libc'), to, index.digest);
      assert.deepEqual(await readBytes(to, describeBytes(type, layer)), layer);
      assert.ok(await to.exists(manifest));
    };

    it('are passed over where the rest was wrong', async () => {
      await putArtifact('origin');
      await putArtifact('near');
      const index = await putIndex('near');
      await damage('near', describeBytes(type, layer).digest);
      await damage('near', manifest.digest);
      await damage('near', index.digest);
      await putIndex('origin');
      await isCopied(index);
      assert.equal(warnings.length, 1);
      assert.match(warnings[0] ?? '', /^oci:near failed: .*; continuing with oci:origin$/);
    });

    it('are the failure where there is no other', async () => {
      await putArtifact('near');
      await putArtifact('origin');
      const index = await putIndex('near');
      for (const layout of ['near', 'origin']) await damage(layout, describeBytes(type, layer).digest);
      await assert.rejects(isCopied(index), { code: 'BUNNY_EDIGEST' });
    });

    it('are passed over where the rest never came, and what is pushed to a registry is whole', async () => {
      await putArtifact('origin');
      let broken = 0;
      const breaking = http.createServer(({ url = '' }, response) => {
        if (!url.endsWith(describeBytes(type, layer).digest)) return void response.writeHead(404).end();
        broken++;
        response.writeHead(200, { 'content-length': layer.length });
        response.write(layer.subarray(0, 500_000), () => response.destroy());
      });
      const received: Buffer[] = [];
      const taking = http.createServer((request, response) => {
        if (request.method === 'HEAD') return void response.writeHead(404).end();
        if (request.method === 'POST') return void response.writeHead(202, { location: '/upload' }).end();
        const body: Buffer[] = [];
        request.on('data', (chunk: Buffer) => body.push(chunk));
        request.on('end', () => {
          if (request.url?.startsWith('/upload')) received.push(Buffer.concat(body));
          response.writeHead(201).end();
        });
      });
      const hosts = await Promise.all([breaking, taking].map(listening));
      try {
        const from = bases([`${hosts[0]}/copy`, 'oci:origin']);
        const source = from.anySource(`${hosts[0]}/copy`, 'small', 'libc');
        await copy(source, network.open(`${hosts[1]}/to`), manifest.digest);
        assert.equal(broken, 1);
        assert.ok(received.some((each) => each.equals(layer)));
      } finally {
        for (const server of [breaking, taking]) server.closeAllConnections();
        for (const server of [breaking, taking]) server.close();
      }
    });
  });

  it('that are down are asked once', async () => {
    const [one, two] = [await put('origin', 'one'), await put('origin', 'two')];
    const host = await deadHost();
    let asked = 0;
    const known = new Bases([{ ref: 'oci:origin', mirrors: [`${host}/copy`] }], directory, {
      network: watched((reference, target) => {
        if (!reference.startsWith(host)) return target;
        const dead = target as Target & UnverifiedSource;
        const fetch = dead.fetchUnverified.bind(dead);
        dead.fetchUnverified = (...words) => {
          asked++;
          return fetch(...words);
        };
        return dead;
      }),
      onWarning: (text) => warnings.push(text),
    });
    const sources = known.sources('oci:origin', 'small', 'libc');
    assert.equal(await read(one, sources), 'one');
    assert.equal(await read(two, sources), 'two');
    assert.equal(asked, 1);
    assert.equal(warnings.length, 1);
    assert.match(warnings[0] ?? '', /nothing listens there; continuing with oci:origin$/);
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
      network: watched((reference, target) => {
        const referrers = target.referrers.bind(target);
        target.referrers = (...words) => {
          asked.push(reference.replace(`${directory}/`, ''));
          return referrers(...words);
        };
        return target;
      }),
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
      network,
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
