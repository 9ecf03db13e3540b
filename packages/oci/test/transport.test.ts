import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { createReadStream, mkdtempSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Fault, FaultProxy } from 'bunny-libos-testing/faults/proxy.js';
import { Random } from 'bunny-libos-testing/faults/random.js';
import { pushArtifact } from 'bunny-libos-testing/registries/artifacts.js';
import { freeHost } from 'bunny-libos-testing/registries/loopback.js';
import { SpecRegistry } from 'bunny-libos-testing/registries/spec/registry.js';
import { describe as descriptorOf, pushBytes, readBytes } from '../src/content/content.js';
import { copy } from '../src/content/copy.js';
import { removeTree } from '../src/disk/remove-tree.js';
import { Network } from '../src/registry/network.js';
import { openTarget, type TargetOptions } from '../src/registry/open-target.js';
import { Store } from '../src/store/store.js';

const quick: TargetOptions = {
  retry: { attempts: 4, base: 1, longest: 10 },
  timeouts: { connect: 1000, headers: 200, idle: 200 },
  credentials: async () => undefined,
};

describe('transfers', () => {
  let registry: SpecRegistry;
  let proxy: FaultProxy;
  /** What goes wrong with the next exchanges, in order. */
  let script: (Fault | undefined)[];
  /** Applies the script to these requests only. */
  let only: (request: http.IncomingMessage) => boolean;

  beforeEach(async () => {
    script = [];
    only = () => true;
    registry = await new SpecRegistry().start();
    const choose = (request: http.IncomingMessage): Fault | undefined =>
      only(request) ? script.shift() : undefined;
    proxy = await new FaultProxy({
      upstream: registry.host,
      elsewhere: registry.host,
      random: new Random(7),
      choose,
    }).start();
  });
  afterEach(async () => {
    await proxy.stop();
    await registry.stop();
  });

  const isBlobGet = (request: http.IncomingMessage): boolean =>
    request.method === 'GET' && (request.url ?? '').includes('/blobs/sha256');

  it('that break are resumed where they broke, with the hash carried on', async () => {
    const bytes = randomBytes(400_000);
    const descriptor = await pushBytes(openTarget(`${registry.host}/a`), 'application/octet-stream', bytes);
    only = isBlobGet;
    script = ['reset within body', 'reset within body', 'stall within body'];
    let moved = 0;
    const target = openTarget(`${proxy.host}/a`, { ...quick });
    const read = await readBytes(target, descriptor, undefined, {
      onBytes: (n) => {
        moved += n;
      },
    });
    assert.deepEqual(Buffer.from(read), bytes);
    assert.equal(moved, bytes.length);
    const ranges = registry.seen.filter((each) => each.method === 'GET').map((each) => each.range);
    assert.equal(ranges[0], undefined);
    assert.ok(
      ranges.slice(1).some((each) => /^bytes=[1-9]\d*-$/.test(each ?? '')),
      'the rest was asked for by Range',
    );
  });

  it('that break are taken up from the start where a registry knows no Range', async () => {
    registry.options.noRange = true;
    const bytes = randomBytes(400_000);
    const descriptor = await pushBytes(openTarget(`${registry.host}/a`), 'application/octet-stream', bytes);
    only = isBlobGet;
    script = ['reset within body', 'truncation'];
    const target = openTarget(`${proxy.host}/a`, { ...quick, retry: { attempts: 6, base: 1 } });
    await readBytes(target, descriptor).then(
      (read) => assert.deepEqual(Buffer.from(read), bytes),
      // A truncation that a Content-Length confirms cannot be told from a registry's own.
      (error: { code?: string }) => assert.equal(error.code, 'BUNNY_ESIZE'),
    );
  });

  it('of other bytes than asked for are refused, and nothing is asked a second time', async () => {
    const descriptor = await pushBytes(
      openTarget(`${registry.host}/a`),
      'application/octet-stream',
      randomBytes(1000),
    );
    only = isBlobGet;
    script = ['wrong bytes'];
    await assert.rejects(readBytes(openTarget(`${proxy.host}/a`, { ...quick }), descriptor), {
      code: 'BUNNY_EDIGEST',
    });
    script = ['infinite body'];
    await assert.rejects(readBytes(openTarget(`${proxy.host}/a`, { ...quick }), descriptor), {
      code: 'BUNNY_ESIZE',
    });
  });

  it('of wrong bytes name the source, whoever finds out', async () => {
    const directory = mkdtempSync(path.join(tmpdir(), 'bunny-lies-'));
    try {
      const { manifest, layer } = await pushArtifact(openTarget(`${registry.host}/a`), { tag: 'v1' });
      only = (request) => isBlobGet(request) && (request.url ?? '').includes(layer.digest);
      const lying = openTarget(`${proxy.host}/a`, { ...quick });
      const where = `${proxy.host}/a@${layer.digest}`;
      const destinations = [`${registry.host}/b`, `oci:${path.join(directory, 'layout')}`];
      const reads: (() => Promise<unknown>)[] = [
        () => readBytes(lying, layer),
        async () => (await Store.open(path.join(directory, 'store'))).ensure(layer, [lying]),
        ...destinations.map((each) => () => copy(lying, openTarget(each), manifest.digest)),
      ];
      for (const read of reads) {
        script = ['wrong bytes'];
        await assert.rejects(read(), { code: 'BUNNY_EDIGEST', where });
      }
    } finally {
      await removeTree(directory);
    }
  });

  it('are tried again when a registry is busy, but not for ever', async () => {
    await pushArtifact(openTarget(`${registry.host}/a`), { tag: 'v1' });
    script = ['too many requests', 'unavailable', 'reset before'];
    assert.deepEqual(await openTarget(`${proxy.host}/a`, { ...quick }).tags(), ['v1']);
    script = Array.from({ length: 9 }, () => 'unavailable' as const);
    await assert.rejects(openTarget(`${proxy.host}/a`, { ...quick }).tags(), {
      code: 'BUNNY_EREGISTRY',
      message: /503/,
    });
    assert.equal(script.length, 5);
    script = Array.from({ length: 9 }, () => 'stall before' as const);
    await assert.rejects(openTarget(`${proxy.host}/a`, { ...quick }).tags(), { code: 'BUNNY_ETIMEOUT' });
  });

  it('of manifests and lists that break off are asked for again', async () => {
    const { manifest } = await pushArtifact(openTarget(`${registry.host}/a`), { tag: 'v1' });
    // Long lists, so that a cut at random leaves something away.
    const names = Array.from({ length: 90 }, (_, i) => `v${i + 10}`).sort();
    for (const name of names) registry.repository('a').tags.set(name, manifest.digest);
    const target = openTarget(`${proxy.host}/a`, { ...quick });
    only = ({ method }) => method === 'GET';
    for (const fault of ['reset within body', 'stall within body'] as const) {
      script = [fault, fault];
      assert.equal((await target.fetchManifest('v1'))?.descriptor.digest, manifest.digest);
      script = [fault, fault];
      assert.deepEqual(await target.tags(), ['v1', ...names]);
      script = [fault, fault];
      assert.deepEqual(await target.referrers(manifest), []);
      assert.equal(script.length, 0);
    }
    script = Array.from({ length: 9 }, () => 'reset within body' as const);
    await assert.rejects(target.tags(), { code: 'BUNNY_ENETWORK' });
    assert.equal(script.length, 5);
  });

  it('from a host that is down go to the next source at once; only the last one is waited for', async () => {
    const directory = mkdtempSync(path.join(tmpdir(), 'bunny-mirrors-'));
    const down = await freeHost();
    const [address, port] = down.split(':');
    // Whoever tries twice waits longer than the test may take.
    const options = { ...quick, retry: { attempts: 2, base: 3_600_000, longest: 3_600_000 } };
    const [dead, live] = [openTarget(`${down}/a`, options), openTarget(`${registry.host}/a`, options)];
    let asked = 0;
    const late = http.createServer((_, response) => {
      asked++;
      response.writeHead(404).end();
    });
    try {
      const store = await Store.open(directory);
      const push = () => pushBytes(live, 'application/octet-stream', randomBytes(1000));
      await store.ensure(await push(), [dead, live]);
      const once = { connectOnce: true };
      await assert.rejects(dead.tags(once), { code: 'BUNNY_ENETWORK' });
      await assert.rejects(dead.fetchManifest('v1', once), { code: 'BUNNY_ENETWORK' });
      await assert.rejects(dead.resolve('v1', once), { code: 'BUNNY_ENETWORK' });

      // It is not asked again in this process, though it is up now, unless there is nobody else.
      await new Promise<void>((resolve) => late.listen(Number(port), address, resolve));
      await store.ensure(await push(), [dead, live]);
      assert.equal(asked, 0);
      await assert.rejects(store.ensure(await push(), [dead]), { code: 'BUNNY_ENOTFOUND' });
      assert.equal(asked, 1);
      await store.ensure(await push(), [dead, live]);
      assert.equal(asked, 2);
    } finally {
      late.closeAllConnections();
      late.close();
      await removeTree(directory);
    }
  });

  it('from a host that comes up late are waited for where it is the last source', async () => {
    const host = await freeHost();
    const [address, port] = host.split(':');
    const target = openTarget(`${host}/a`, {
      ...quick,
      retry: { attempts: 50, base: 20, longest: 20 },
    });
    const tags = target.tags();
    await sleep(100);
    const late = http.createServer((_, response) => void response.writeHead(404).end());
    try {
      await new Promise<void>((resolve) => late.listen(Number(port), address, resolve));
      assert.deepEqual(await tags, []);
    } finally {
      late.closeAllConnections();
      late.close();
    }
  });

  it('up are resumed by asking the registry how far it got', async () => {
    const bytes = randomBytes(300_000);
    const descriptor = descriptorOf('application/octet-stream', bytes);
    only = (request) => request.method === 'PATCH';
    script = [undefined, 'reset after request', undefined, 'unavailable'];
    const target = openTarget(`${proxy.host}/a`, { ...quick, chunkSize: 50_000 });
    let opened = 0;
    const content = async function* (): AsyncGenerator<Uint8Array> {
      opened++;
      for (let at = 0; at < bytes.length; at += 7000) yield bytes.subarray(at, at + 7000);
    };
    await target.push(descriptor, content);
    assert.deepEqual(registry.repository('a').blobs.get(descriptor.digest), bytes);
    assert.ok(
      registry.seen.some((each) => each.method === 'GET' && each.path.includes('/blobs/uploads/')),
      'it asked',
    );
    const patches = registry.seen.filter((each) => each.method === 'PATCH').length;
    assert.ok(patches <= 8, `${patches} chunks were sent for 6`);
    assert.ok(opened <= 2);
    assert.equal(registry.openUploads, 0);
  });

  it('up of content that cannot be read say so', async () => {
    const absent = path.join(tmpdir(), 'bunny-absent');
    const target = openTarget(`${registry.host}/a`, { ...quick });
    const descriptor = descriptorOf('application/octet-stream', randomBytes(1000));
    await assert.rejects(
      target.push(descriptor, () => createReadStream(absent)),
      { code: 'BUNNY_EIO', message: /cannot be read: no such file or directory$/, where: absent },
    );
  });

  it('up begin anew when the registry forgot them', async () => {
    const bytes = randomBytes(200_000);
    const descriptor = descriptorOf('application/octet-stream', bytes);
    let patches = 0;
    only = (request) => {
      if (request.method === 'PATCH' && ++patches === 2) registry.dropUploads();
      return false;
    };
    await openTarget(`${proxy.host}/a`, { ...quick, chunkSize: 50_000 }).push(descriptor, bytes);
    assert.deepEqual(registry.repository('a').blobs.get(descriptor.digest), bytes);
  });

  it('are refused where a redirect leads to where it must not, before any connection', async () => {
    const original = net.Socket.prototype.connect;
    const tried: unknown[] = [];
    net.Socket.prototype.connect = function (this: net.Socket, ...given: unknown[]): net.Socket {
      const first = (Array.isArray(given[0]) ? given[0][0] : given[0]) as { host?: string };
      tried.push(first.host);
      return Reflect.apply(original, this, given) as net.Socket;
    } as typeof original;
    try {
      for (const fault of [
        'redirect to a file',
        'redirect to a link-local address',
        'redirect to a private address',
      ] as const) {
        script = [fault];
        await assert.rejects(
          openTarget(`${proxy.host}/a`, { ...quick }).tags(),
          { code: 'BUNNY_EREDIRECT' },
          fault,
        );
      }
      script = Array.from({ length: 20 }, () => 'redirect loop' as const);
      await assert.rejects(openTarget(`${proxy.host}/a`, { ...quick }).tags(), { code: 'BUNNY_EREDIRECT' });
      assert.deepEqual([...new Set(tried)], ['127.0.0.1']);
    } finally {
      net.Socket.prototype.connect = original;
    }
  });

  it('show a warning of the registry once', async () => {
    registry.options.warning = 'this \\"repository\\" moves';
    const warnings: string[] = [];
    const network = new Network({
      ...quick,
      onWarning: (text, host) => warnings.push(`${host}: ${text}`),
    });
    for (const name of ['a', 'b', 'a']) await network.open(`${registry.host}/${name}`).tags();
    assert.deepEqual(warnings, [`${registry.host}: this "repository" moves`]);
  });

  it('end in plain words when nobody is there', async () => {
    await registry.stop();
    const target = openTarget(`${registry.host}/a`, { ...quick });
    await assert.rejects(target.tags(), { code: 'BUNNY_ENETWORK', message: /nothing listens there/ });
    const blob = descriptorOf('application/octet-stream', randomBytes(10));
    await assert.rejects(readBytes(target, blob), {
      code: 'BUNNY_ENETWORK',
      message: /nothing listens there/,
    });
    await assert.rejects(target.push(blob, randomBytes(10)), { code: 'BUNNY_ENETWORK' });
    registry = await new SpecRegistry().start();
  });
});
