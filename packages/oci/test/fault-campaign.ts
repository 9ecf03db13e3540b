import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Fault, FaultProxy, faults } from 'bunny-libos-testing/faults/proxy.js';
import { Random } from 'bunny-libos-testing/faults/random.js';
import { SpecRegistry } from 'bunny-libos-testing/registries/spec/registry.js';
import { describe as descriptorOf, readBytes } from '../src/content/content.js';
import { type Descriptor, manifestType } from '../src/content/descriptor.js';
import { OciError } from '../src/content/errors.js';
import { parseManifest } from '../src/content/manifest-validation.js';
import type { Target } from '../src/content/target.js';
import { removeTree } from '../src/disk/remove-tree.js';
import { openTarget, type TargetOptions } from '../src/registry/open-target.js';
import { Store } from '../src/store/store.js';

const login = { username: 'alice', password: 'correct horse' };

export interface SeedResult {
  seed: number;
  /** The code of the error that ended it, or undefined where everything arrived. */
  code: string | undefined;
  injected: readonly Fault[];
  milliseconds: number;
}

/** Everything that a run of one seed needs, built once for many seeds. */
export class FaultCampaign {
  readonly #registry = new SpecRegistry({ login });
  readonly #trap: http.Server;
  readonly #stolen: string[] = [];
  readonly #connections: string[] = [];
  #elsewhere = '';
  #restore = (): void => undefined;

  constructor() {
    this.#trap = http.createServer((request, response) => {
      for (const name of ['authorization', 'cookie', 'proxy-authorization']) {
        const value = request.headers[name];
        if (value !== undefined) this.#stolen.push(String(value));
      }
      response.writeHead(200, { 'content-type': 'application/octet-stream' }).end('not what was asked for');
    });
  }

  async start(): Promise<this> {
    await this.#registry.start();
    await new Promise<void>((resolve) => this.#trap.listen(0, '127.0.0.3', resolve));
    const address = this.#trap.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    this.#elsewhere = `127.0.0.3:${address.port}`;
    this.#watchConnections();
    return this;
  }

  async stop(): Promise<void> {
    this.#restore();
    this.#trap.closeAllConnections();
    await new Promise((resolve) => this.#trap.close(resolve));
    await this.#registry.stop();
  }

  /** Publishes, resolves and pulls once, with the faults of a seed. Throws where anything is worse than a clear error. */
  async run(seed: number): Promise<SeedResult> {
    const random = new Random(seed);
    const directory = mkdtempSync(path.join(tmpdir(), 'bunny-faults-'));
    // Some seeds have one fault, some are a storm.
    const rate = random.pick([0.02, 0.1, 0.3]);
    const proxy = await new FaultProxy({
      upstream: this.#registry.host,
      elsewhere: this.#elsewhere,
      random,
      choose: () => (random.next() < rate ? random.pick(faults) : undefined),
    }).start();
    const options: TargetOptions = {
      credentials: async () => login,
      retry: { attempts: 4, base: 1, longest: 5 },
      timeouts: { connect: 500, headers: 120, idle: 120 },
      chunkSize: 20_000,
    };
    const target = openTarget(`${proxy.host}/seed/s${seed}`, options);
    const started = performance.now();
    let code: string | undefined;
    try {
      await publishAndPull(target, directory, random);
    } catch (error) {
      code = clearError(error);
    } finally {
      await proxy.stop();
    }
    const milliseconds = performance.now() - started;
    assertStoreIsClean(directory);
    await removeTree(directory);
    assert.deepEqual(this.#stolen, [], 'a credential reached another host');
    const strangers = this.#connections.filter((host) => !host.startsWith('127.'));
    assert.deepEqual(strangers, [], 'a connection left the loopback');
    return { seed, code, injected: proxy.injected, milliseconds };
  }

  /** Sees every address that this process tries to connect to, before it does. */
  #watchConnections(): void {
    const original = net.Socket.prototype.connect;
    const connections = this.#connections;
    this.#restore = () => {
      net.Socket.prototype.connect = original;
    };
    net.Socket.prototype.connect = function (this: net.Socket, ...given: unknown[]): net.Socket {
      const first = (Array.isArray(given[0]) ? given[0][0] : given[0]) as { host?: string } | undefined;
      connections.push(first?.host ?? 'unknown');
      return Reflect.apply(original, this, given) as net.Socket;
    } as typeof original;
  }
}

async function publishAndPull(target: Target, directory: string, random: Random): Promise<void> {
  const contents = [100, 5_000, 70_000].map((size) => random.bytes(size));
  const layers: Descriptor[] = [];
  for (const content of contents) {
    const descriptor = descriptorOf('application/octet-stream', content);
    await target.push(descriptor, content);
    layers.push(descriptor);
  }
  const config = descriptorOf('application/vnd.test+json', Buffer.from('{}'));
  await target.push(config, Buffer.from('{}'));
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: manifestType, config, layers }));
  const manifest = descriptorOf(manifestType, bytes);
  await target.push(manifest, bytes);
  await target.tag(manifest, 'v1');

  const gone = new OciError('BUNNY_ENOTFOUND', 'the tag is gone', { where: 'v1', hint: '' });
  const resolved = await target.resolve('v1');
  if (resolved === undefined) throw gone;
  // A HEAD can lie about the digest, but then there is nothing to be had by that digest.
  if (resolved.digest !== manifest.digest) await readBytes(target, resolved);
  assert.equal(resolved.digest, manifest.digest);
  const fetched = await target.fetchManifest('v1');
  if (fetched === undefined) throw gone;
  assert.deepEqual(Buffer.from(fetched.bytes), bytes);
  const store = await Store.open(path.join(directory, 'store'));
  const document = parseManifest(fetched.bytes, undefined, 'test');
  assert.ok('layers' in document);
  for (const [i, layer] of document.layers.entries()) {
    await store.ensure(layer, [target]);
    assert.deepEqual(Buffer.from(await store.read(layer)), contents[i]);
  }
  assert.deepEqual(Buffer.from(await readBytes(target, config)), Buffer.from('{}'));
}

/** The code of a clear error. Anything else is a failure of the campaign. */
function clearError(error: unknown): string {
  if (!(error instanceof OciError)) throw error;
  const text = [error.message, error.where ?? '', error.hint ?? '', ...error.details, error.stack ?? ''].join(
    '\n',
  );
  for (const secret of [
    login.password,
    Buffer.from(`${login.username}:${login.password}`).toString('base64'),
  ]) {
    assert.ok(!text.includes(secret), 'a credential stands in an error');
  }
  assert.match(error.code, /^BUNNY_E[A-Z]+$/);
  assert.ok(error.message.length > 10);
  return error.code;
}

function assertStoreIsClean(directory: string): void {
  const blobs = path.join(directory, 'store/blobs/sha256');
  for (const name of listed(blobs)) {
    assert.equal(
      createHash('sha256')
        .update(readFileSync(path.join(blobs, name)))
        .digest('hex'),
      name,
      'a wrong byte is in the store',
    );
  }
  assert.deepEqual(
    listed(path.join(directory, 'store/ingest')),
    [],
    'something half-written was left behind',
  );
}

function listed(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
