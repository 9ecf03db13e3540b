import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { FaultProxy } from 'bunny-libos-testing/faults/proxy.js';
import { Random } from 'bunny-libos-testing/faults/random.js';
import { pushArtifact } from 'bunny-libos-testing/registries/artifacts.js';
import type { SpecRegistryOptions } from 'bunny-libos-testing/registries/spec/options.js';
import { SpecRegistry } from 'bunny-libos-testing/registries/spec/registry.js';
import { describe as descriptorOf, pushBytes, readBytes } from '../src/content/content.js';
import { copy } from '../src/content/copy.js';
import type { Target } from '../src/content/target.js';
import { openTarget, type TargetOptions } from '../src/registry/open-target.js';

const type = 'application/octet-stream';
const MiB = 2 ** 20;

/** Ways in which real registries refuse what the specification lets a client do; each must end in the same content. */
const habits: Record<string, SpecRegistryOptions> = {
  'PATCH over 4 MiB answered 416': { patchLimit: 4 * MiB },
  'Range stuck at the first chunk': { stuckRange: true },
  'PATCH and whole PUT over 5 MiB answered 413': { bodyLimit: 5 * MiB },
  'any body over 1 MiB answered 413': { bodyLimit: MiB },
  'PATCH over 4 MiB answered 416, and bodies over 10 MiB 413': { patchLimit: 4 * MiB, bodyLimit: 10 * MiB },
  ...Object.fromEntries(
    [400, 403, 405, 413, 415, 416, 501].map((patchStatus) => [
      `PATCH answered ${patchStatus}`,
      { patchStatus },
    ]),
  ),
  ...Object.fromEntries(
    [400, 405, 411, 413, 415, 501].map((singlePostStatus) => [
      `POST with content answered ${singlePostStatus}`,
      { singlePostStatus },
    ]),
  ),
  'a Location that is an URL': { location: (target, host) => `http://${host}${target}` },
  'a Location that is relative to the request': { location: (target) => `./${target.split('/uploads/')[1]}` },
  'a Location with the scheme of the other side of a proxy': {
    location: (target, host) => `https://${host}${target}`,
  },
};

describe('blobs', function () {
  this.timeout(60_000);
  let registry: SpecRegistry;
  const open = (path: string, more: TargetOptions = {}): Target =>
    openTarget(`${registry.host}/${path}`, {
      credentials: async () => undefined,
      retry: { attempts: 3, base: 1, longest: 10 },
      chunkSize: 8 * MiB,
      ...more,
    });

  beforeEach(async () => {
    registry = await new SpecRegistry().start();
  });
  afterEach(() => registry.stop());

  for (const [name, options] of Object.entries(habits)) {
    it(`are pushed, large and small: ${name}`, async () => {
      registry.options = options;
      const target = open('a');
      for (const size of [20 * MiB + 5, 1000, 2 * MiB, 9 * MiB]) {
        const bytes = randomBytes(size);
        await pushBytes(target, type, bytes);
        assert.deepEqual(registry.repository('a').blobs.get(descriptorOf(type, bytes).digest), bytes);
      }
    });
  }

  it('are refused in plain words where nothing is taken', async () => {
    registry.options = { bodyLimit: 100_000 };
    const push = open('a').push(descriptorOf(type, Buffer.alloc(3 * MiB)), Buffer.alloc(3 * MiB));
    await assert.rejects(push, { code: 'BUNNY_ELIMIT', hint: /limits the size of uploads/ });
  });

  it('are learned of: how a registry takes them is found out once', async () => {
    registry.options = { patchLimit: 4 * MiB };
    const target = open('a');
    await pushBytes(target, type, randomBytes(9 * MiB));
    registry.seen.length = 0;
    await pushBytes(target, type, randomBytes(9 * MiB));
    assert.deepEqual(
      registry.seen.map(({ method }) => method),
      ['HEAD', 'POST', 'PUT'],
    );
  });

  it('are pushed anew as long as each try gets further', async () => {
    // Each session is lost one chunk later than the one before, as docker-registry loses those that a cut has hit.
    let [chunks, allowed] = [0, 1];
    const { seen } = registry;
    const note = seen.push.bind(seen);
    seen.push = (...entries) => {
      for (const { method } of entries) {
        if (method === 'POST') chunks = 0;
        if (method === 'PATCH' && ++chunks > allowed) {
          allowed++;
          registry.dropUploads();
        }
      }
      return note(...entries);
    };
    const bytes = randomBytes(10 * MiB);
    const target = open('a', { chunkSize: MiB, retry: { attempts: 2, base: 1 } });
    await target.push(descriptorOf(type, bytes), bytes);
    assert.deepEqual(registry.repository('a').blobs.get(descriptorOf(type, bytes).digest), bytes);
    assert.ok(allowed > 5);
  });

  for (const mountStatus of [400, 401, 403, 404, 405, 500, 503]) {
    it(`travel where a mount is answered with ${mountStatus}`, async () => {
      const { manifest, layer } = await pushArtifact(open('from'), { tag: 'v1' });
      registry.options = { mountStatus };
      // Both from one client, as mounting is within one registry only.
      const options = { credentials: async () => undefined };
      const [from, to] = ['from', 'to'].map((path) => openTarget(`${registry.host}/${path}`, options)) as [
        Target,
        Target,
      ];
      await copy(from, to, 'v1');
      assert.ok(await to.exists(manifest));
      assert.deepEqual(await readBytes(to, layer), await readBytes(from, layer));
    });
  }

  const headHabits: SpecRegistryOptions[] = [
    ...[400, 403, 405, 501].map((headStatus) => ({ headStatus })),
    { headLength: () => 0 },
    { headLength: (length: number) => length + 7 },
    { headLength: (length: number) => length + 7, noRange: true },
  ];
  for (const options of headHabits) {
    it(`and manifests are found where HEAD is not to be relied on: ${JSON.stringify(options)} ${options.headLength}`, async () => {
      const { manifest, layer } = await pushArtifact(open('a'), { tag: 'v1' });
      const empty = await pushBytes(open('a'), type, Buffer.alloc(0));
      registry.options = options;
      const target = open('a');
      assert.equal(await target.exists(layer), true);
      assert.equal(await target.exists(empty), true);
      assert.equal(await target.exists({ ...layer, digest: `sha256:${'0'.repeat(64)}` }), false);
      const found = await target.resolve('v1');
      assert.equal(found?.digest, manifest.digest);
      // What HEAD said of the size is not held against the content.
      assert.equal((await readBytes(target, found ?? manifest)).length, manifest.size);
      await target.tag(found ?? manifest, 'v2');
      assert.equal(await target.resolve('absent'), undefined);
      await pushArtifact(target, { tag: 'v3' });
      await copy(target, open('b'), 'v3');
      await assert.rejects(target.exists({ ...layer, size: layer.size + 1 }), { code: 'BUNNY_ESIZE' });
    });
  }

  for (const rangeAnswer of [416, 'another part'] as const) {
    it(`that break are taken from the start where their rest is answered with ${rangeAnswer}`, async () => {
      const bytes = randomBytes(600_000);
      const descriptor = await pushBytes(open('a'), type, bytes);
      registry.options = { rangeAnswer };
      let cuts = 0;
      const proxy = await new FaultProxy({
        upstream: registry.host,
        elsewhere: registry.host,
        random: new Random(3),
        choose: ({ method }) => (method === 'GET' && cuts++ < 2 ? 'reset within body' : undefined),
      }).start();
      try {
        const target = openTarget(`${proxy.host}/a`, {
          credentials: async () => undefined,
          retry: { attempts: 4, base: 1, longest: 10 },
        });
        assert.deepEqual(Buffer.from(await readBytes(target, descriptor)), bytes);
      } finally {
        await proxy.stop();
      }
    });
  }

  it('go where a Location leads, without the login, but not to where no registry may send a client', async () => {
    const login = { username: 'alice', password: 'x' };
    const seen: (string | undefined)[] = [];
    const storage = http.createServer((request, response) => {
      seen.push(request.headers.authorization);
      const authorization = `Basic ${Buffer.from('alice:x').toString('base64')}`;
      const { method, url, headers } = request;
      const sent = http.request(
        `http://${registry.host}${url}`,
        { method, headers: { ...headers, authorization } },
        (answer) => {
          response.writeHead(answer.statusCode ?? 500, answer.headers);
          answer.pipe(response);
        },
      );
      request.pipe(sent);
    });
    storage.listen(0, '127.0.0.2');
    await once(storage, 'listening');
    const { port } = storage.address() as AddressInfo;
    try {
      const target = openTarget(`${registry.host}/a`, { credentials: async () => login, chunkSize: MiB });
      registry.options = { login, noSinglePost: true, location: (path) => `http://127.0.0.2:${port}${path}` };
      for (const size of [1000, 3 * MiB]) {
        const bytes = randomBytes(size);
        await pushBytes(target, type, bytes);
        assert.deepEqual(registry.repository('a').blobs.get(descriptorOf(type, bytes).digest), bytes);
      }
      assert.ok(seen.length >= 2 && seen.every((each) => each === undefined));
      for (const origin of [
        'http://169.254.169.254',
        'https://10.0.0.1',
        'ftp://127.0.0.1',
        'http://a:b@127.0.0.2',
      ]) {
        registry.options.location = (path) => `${origin}${path}`;
        await assert.rejects(pushBytes(target, type, randomBytes(10)), { code: 'BUNNY_EREDIRECT' }, origin);
      }
      registry.options.location = () => '';
      await assert.rejects(pushBytes(target, type, randomBytes(10)), { code: 'BUNNY_EREGISTRY' });
    } finally {
      storage.closeAllConnections();
      storage.close();
    }
  });

  it('that belong to a repository which has to be made first say so', async () => {
    registry.options = { noNewRepositories: true };
    const hint = `the registry makes no repositories by itself: create the repository ${registry.host}/libos/new there, then run again`;
    const started = performance.now();
    for (const size of [1000, MiB]) {
      const push = open('libos/new', { retry: {} }).push(
        descriptorOf(type, Buffer.alloc(size)),
        Buffer.alloc(size),
      );
      await assert.rejects(push, { code: 'BUNNY_ENOTFOUND', message: /NAME_UNKNOWN/, hint });
    }
    assert.ok(performance.now() - started < 2000, 'nothing is waited for');
  });

  it('of a registry that wants to be left alone for an hour are given up at once, and the hour is told', async () => {
    registry.options = { retryAfter: '3600' };
    const target = open('a', { retry: {} });
    const refusal = { code: 'BUNNY_EREGISTRY', hint: /asks clients to wait 60 minutes/ };
    const started = performance.now();
    await assert.rejects(target.tags(), refusal);
    await assert.rejects(target.push(descriptorOf(type, Buffer.alloc(10)), Buffer.alloc(10)), refusal);
    registry.options = { retryAfter: new Date(Date.now() + 7_190_000).toUTCString() };
    await assert.rejects(target.tags(), { hint: /asks clients to wait 120 minutes/ });
    assert.ok(performance.now() - started < 2000, 'nothing is waited for');
  });
});
