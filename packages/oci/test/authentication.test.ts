import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { pushArtifact } from 'bunny-libos-testing/registries/artifacts.js';
import type { SpecRegistryOptions } from 'bunny-libos-testing/registries/spec/options.js';
import { SpecRegistry } from 'bunny-libos-testing/registries/spec/registry.js';
import { TokenServer, type TokenServerOptions } from 'bunny-libos-testing/registries/token-server.js';
import { readBytes } from '../src/content/content.js';
import { copy } from '../src/content/copy.js';
import type { OciError } from '../src/content/errors.js';
import { Network } from '../src/registry/network.js';
import { checkLogin, openTarget, type TargetOptions } from '../src/registry/open-target.js';
import { textOf } from './error-text.js';

const login = { username: 'alice', password: 'down the rabbit hole' };
const basic = `Basic ${Buffer.from(`${login.username}:${login.password}`).toString('base64')}`;
const known: TargetOptions = { credentials: async () => login };
const unknown: TargetOptions = { credentials: async () => undefined };

function assertNoSecret(text: string): void {
  for (const secret of [login.password, basic.slice(6)])
    assert.ok(!text.includes(secret), 'a credential is in an error');
}

function assertNoSecretIn(error: unknown): void {
  assertNoSecret(textOf(error));
}

describe('logins', () => {
  const running: { stop(): Promise<void> }[] = [];
  afterEach(async () => {
    for (const each of running.splice(0)) await each.stop();
  });

  async function registryWith(options: SpecRegistryOptions): Promise<SpecRegistry> {
    const registry = await new SpecRegistry(options).start();
    running.push(registry);
    return registry;
  }

  async function tokensWith(options: Partial<TokenServerOptions> = {}): Promise<TokenServer> {
    const tokens = await new TokenServer({ login, service: 'tests', ...options }).start();
    running.push(tokens);
    return tokens;
  }

  it('by Basic are asked for once, then sent at once', async () => {
    const registry = await registryWith({ login });
    const target = openTarget(`${registry.host}/a`, { ...known });
    await target.tags();
    await target.tags();
    assert.deepEqual(
      registry.seen.map((each) => each.authorization),
      [undefined, basic, basic],
    );
  });

  it('that are wrong or missing end in an error that tells what to do, and no secret', async () => {
    const registry = await registryWith({ login });
    const wrong = { ...login, username: 'bob' };
    for (const options of [unknown, { credentials: async () => wrong }]) {
      await assert.rejects(openTarget(`${registry.host}/a`, { ...options }).tags(), (error: unknown) => {
        assert.equal((error as OciError).code, 'BUNNY_EAUTH');
        assert.equal((error as OciError).hint, `log in to ${registry.host}`);
        assert.equal((error as OciError).login, registry.host);
        assertNoSecret(textOf(error));
        return true;
      });
    }
    await checkLogin(registry.host, login);
    await assert.rejects(checkLogin(registry.host, wrong), { code: 'BUNNY_EAUTH' });
  });

  it('that a busy token server does not give now are not blamed on the login', async () => {
    const server = http.createServer((request, response) => {
      const isToken = request.url?.startsWith('/token') ?? false;
      response.setHeader('retry-after', '3600');
      response.setHeader('www-authenticate', `Bearer realm="http://${request.headers.host}/token"`);
      response.writeHead(isToken ? 429 : 401).end('{}');
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    running.push({ stop: async () => void server.close().closeAllConnections() });
    const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    await assert.rejects(openTarget(`${host}/a`, { ...known }).tags(), {
      code: 'BUNNY_EREGISTRY',
      message: `the token server of ${host} issues no token now (HTTP 429)`,
    });
  });

  it('that cannot be had let go of the connection, so that the process ends', async function () {
    // Longer than a command, shorter than the timeout of a body that nobody reads.
    this.timeout(20_000);
    const answering = async (challenge: string) => {
      const server = http.createServer((_, response) => {
        response.writeHead(401, { 'www-authenticate': challenge }).end('{"errors":[]}');
      });
      await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
      running.push({ stop: async () => void server.close().closeAllConnections() });
      return `127.0.0.1:${(server.address() as AddressInfo).port}/a`;
    };
    const module = new URL('../src/index.js', import.meta.url).href;
    const noHelper = `async () => { throw new OciError('BUNNY_EAUTH', 'no helper', { hint: 'none' }) }`;
    const attempts = [
      [await answering('Negotiate'), 'async () => undefined'],
      [await answering('Basic realm="x"'), noHelper],
      [await answering('Bearer realm="http://other.example/token"'), noHelper],
    ];
    for (const [reference, credentials] of attempts) {
      const script = `const { OciError, openTarget } = await import(${JSON.stringify(module)});
        await openTarget('${reference}', { credentials: ${credentials} }).tags().catch((error) => console.log(error.code));`;
      const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      assert.match(await text(child.stdout), /^BUNNY_E(?:AUTH|REDIRECT)$/m);
    }
  });

  it('by token: one token for each scope, kept as long as it lives', async () => {
    const tokens = await tokensWith();
    const registry = await registryWith({ tokens });
    const network = new Network(known);
    const target = network.open(`${registry.host}/a/b`);
    await pushArtifact(target, { tag: 'v1' });
    await target.fetchManifest('v1');
    await target.tags();
    assert.deepEqual([...new Set(tokens.requests.flatMap((each) => each.scopes))].sort(), [
      'repository:a/b:pull',
      'repository:a/b:pull,push',
    ]);
    assert.equal(tokens.requests.length, 2);
    // The scheme is known now: another repository is asked with its own token at once.
    const before = registry.seen.length;
    await network.open(`${registry.host}/c`).tags();
    assert.equal(registry.seen.length, before + 1);
    assert.equal(tokens.requests.length, 3);
    assert.ok(registry.seen.slice(1).every((each) => each.authorization?.startsWith('Bearer ')));
  });

  it('by token serve many requests at the same time with one token', async () => {
    const tokens = await tokensWith();
    const registry = await registryWith({ tokens });
    const target = openTarget(`${registry.host}/a`, { ...known });
    await target.tags();
    await Promise.all(Array.from({ length: 20 }, () => target.tags()));
    assert.equal(tokens.requests.length, 1);
  });

  it('by token are renewed before they run out, and when a registry finds them stale', async () => {
    const tokens = await tokensWith({ lifetime: 2 });
    const registry = await registryWith({ tokens });
    const target = openTarget(`${registry.host}/a`, { ...known });
    await target.tags();
    const refusals = registry.seen.length;
    await sleep(1600);
    await target.tags();
    assert.equal(tokens.requests.length, 2);
    assert.equal(registry.seen.length, refusals + 1, 'it was renewed before the registry refused it');
    tokens.verify = () => undefined;
    await assert.rejects(target.tags(), { code: 'BUNNY_EAUTH' });
  });

  it('are not needed for pulling where a token server gives tokens to anybody', async () => {
    const tokens = await tokensWith({ anonymousPull: true });
    const registry = await registryWith({ tokens });
    await pushArtifact(openTarget(`${registry.host}/a`, { ...known }), { tag: 'v1' });
    const anonymous = openTarget(`${registry.host}/a`, { ...unknown });
    assert.deepEqual(await anonymous.tags(), ['v1']);
    await assert.rejects(pushArtifact(anonymous), (error: unknown) => {
      assert.ok(['BUNNY_EAUTH', 'BUNNY_EDENIED'].includes((error as OciError).code));
      return true;
    });
  });

  it('that are refresh tokens are exchanged by POST', async () => {
    const tokens = await tokensWith();
    const registry = await registryWith({ tokens });
    const credentials = async () => ({ username: '', password: '', identityToken: tokens.refreshToken });
    await pushArtifact(openTarget(`${registry.host}/a`, { credentials }), { tag: 'v1' });
    assert.ok(tokens.requests.every((each) => each.method === 'POST' && each.grant === 'refresh_token'));
  });

  it('are checked and become an identity token where the token server gives one', async () => {
    for (const offline of ['POST', 'GET'] as const) {
      const tokens = await tokensWith({ offline });
      const registry = await registryWith({ tokens });
      const kept = await checkLogin(registry.host, login);
      assert.deepEqual(kept, { username: login.username, password: '', identityToken: tokens.refreshToken });
      assert.ok(tokens.requests.every((each) => each.client === 'bunny'));
      assert.equal(tokens.requests.at(-1)?.grant, offline === 'POST' ? 'password' : undefined);
      await pushArtifact(openTarget(`${registry.host}/a`, { credentials: async () => kept }), { tag: 'v1' });
      assert.equal(tokens.requests.at(-1)?.grant, 'refresh_token');
      // It is a login as well.
      assert.deepEqual(await checkLogin(registry.host, kept), kept);
    }
  });

  it('are checked and stay a password where the token server gives no identity token', async () => {
    const tokens = await tokensWith();
    const registry = await registryWith({ tokens });
    assert.deepEqual(await checkLogin(registry.host, login), login);
    assert.deepEqual(
      tokens.requests.map(({ method, grant }) => [method, grant]),
      [
        ['POST', 'password'],
        ['GET', undefined],
      ],
    );
    // Nobody else asks for one.
    await openTarget(`${registry.host}/a`, { ...known }).tags();
    assert.deepEqual(tokens.requests.at(-1)?.client, undefined);
  });

  it('that are wrong are refused by the token server, whichever way it is asked', async () => {
    for (const offline of ['POST', 'GET', undefined] as const) {
      const tokens = await tokensWith(offline === undefined ? {} : { offline });
      const registry = await registryWith({ tokens });
      const wrong = [
        { ...login, username: 'mallory' },
        { username: '', password: '', identityToken: 'down the rabbit hole' },
      ];
      for (const credential of wrong) {
        await assert.rejects(checkLogin(registry.host, credential), (error: unknown) => {
          assert.equal((error as OciError).code, 'BUNNY_EAUTH');
          assertNoSecret(textOf(error));
          return true;
        });
      }
    }
  });

  it('that are identity tokens are of no use to a registry that takes passwords', async () => {
    const registry = await registryWith({ login });
    const token = { username: '', password: '', identityToken: 'secret' };
    await assert.rejects(checkLogin(registry.host, token), {
      code: 'BUNNY_EAUTH',
      message: /not an identity/,
    });
    assert.deepEqual(
      registry.seen.map((each) => each.authorization),
      [undefined],
    );
  });

  it('that a token server refuses end in an error without the secret', async () => {
    const tokens = await tokensWith();
    const registry = await registryWith({ tokens });
    const credentials = async () => ({ ...login, username: 'mallory' });
    await assert.rejects(openTarget(`${registry.host}/a`, { credentials }).tags(), (error: unknown) => {
      assert.equal((error as OciError).code, 'BUNNY_EAUTH');
      assertNoSecret(textOf(error));
      return true;
    });
  });

  it('cover both repositories of a mount', async () => {
    const tokens = await tokensWith();
    const registry = await registryWith({ tokens });
    const network = new Network(known);
    const [from, to] = [network.open(`${registry.host}/from`), network.open(`${registry.host}/to`)];
    const { layer } = await pushArtifact(from, { tag: 'v1' });
    await copy(from, to, 'v1');
    assert.ok(
      registry.seen.some(
        (each) =>
          each.method === 'POST' && each.path.includes(`mount=${encodeURIComponent(layer.digest)}&from=from`),
      ),
    );
    assert.ok(
      !registry.seen.some((each) => each.method === 'PUT' && each.path.startsWith('/v2/to/blobs/')),
      'blobs were mounted, not pushed',
    );
    assert.ok(
      tokens.requests.some(
        (each) =>
          each.scopes.includes('repository:to:pull,push') && each.scopes.includes('repository:from:pull'),
      ),
    );
  });

  it('do not go along to the storage that a registry redirects to', async () => {
    const registry = await registryWith({ login, redirectBlobs: true });
    const target = openTarget(`${registry.host}/a`, { ...known });
    const { layer } = await pushArtifact(target, { size: 50_000 });
    await readBytes(target, layer);
    const atStorage = registry.seen.filter((each) => each.at === 'storage');
    assert.equal(atStorage.length, 1);
    assert.deepEqual(
      atStorage.map((each) => each.authorization),
      [undefined],
    );
  });

  it('are not sent to a token server on another host without TLS', async () => {
    const trapped: string[] = [];
    const trap = http.createServer((request, response) => {
      trapped.push(request.url ?? '');
      response.end('{}');
    });
    await new Promise<void>((resolve) => trap.listen(0, '127.0.0.4', resolve));
    const address = trap.address();
    assert.ok(address !== null && typeof address === 'object');
    try {
      for (const realm of [
        `http://127.0.0.4:${address.port}/token`,
        'http://169.254.169.254/token',
        'file:///etc/passwd',
        'https://10.0.0.1/token',
        '',
      ]) {
        const registry = await registryWith({ tokens: Object.assign(await tokensWith(), { realm }) });
        await assert.rejects(openTarget(`${registry.host}/a`, { ...known }).tags(), (error: unknown) => {
          assert.ok(['BUNNY_EREDIRECT', 'BUNNY_EAUTH'].includes((error as OciError).code), realm);
          return true;
        });
      }
      assert.deepEqual(trapped, []);
    } finally {
      trap.closeAllConnections();
      trap.close();
    }
  });

  it('that a token server is shown do not go on to where it redirects', async () => {
    const trapped: string[] = [];
    const trap = http.createServer(async (request, response) => {
      for await (const chunk of request) trapped.push(String(chunk));
      trapped.push(`${request.headers.authorization}`);
      response.end('{"token":"taken","refresh_token":"taken"}');
    });
    await new Promise<void>((resolve) => trap.listen(0, '127.0.0.4', resolve));
    const address = trap.address();
    assert.ok(address !== null && typeof address === 'object');
    const tokens = http.createServer((_, response) => {
      response.writeHead(307, { location: `http://127.0.0.4:${address.port}/token` }).end();
    });
    await new Promise<void>((resolve) => tokens.listen(0, '127.0.0.1', resolve));
    const own = tokens.address();
    assert.ok(own !== null && typeof own === 'object');
    try {
      const realm = `http://127.0.0.1:${own.port}/token`;
      const registry = await registryWith({ tokens: Object.assign(await tokensWith(), { realm }) });
      // By POST stand the password and the refresh token in the body, which a 307 would take along.
      const identity = { username: '', password: '', identityToken: login.password };
      await assert.rejects(checkLogin(registry.host, login), { code: 'BUNNY_EREDIRECT' });
      const target = openTarget(`${registry.host}/a`, { credentials: async () => identity });
      await assert.rejects(target.tags(), { code: 'BUNNY_EREDIRECT' });
      assert.deepEqual(trapped, []);
      // By GET it stands in a header, which is left behind.
      await openTarget(`${registry.host}/a`, { ...known })
        .tags()
        .catch(assertNoSecretIn);
      assert.deepEqual([...new Set(trapped)], ['undefined']);
    } finally {
      for (const server of [trap, tokens]) {
        server.closeAllConnections();
        server.close();
      }
    }
  });
});
