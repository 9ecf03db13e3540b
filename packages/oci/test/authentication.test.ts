import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import http from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  checkLogin,
  copy,
  DockerConfig,
  OciError,
  openTarget,
  readBytes,
  type TargetOptions,
} from '../src/index.js';
import { pushArtifact } from './artifacts.js';
import { SpecRegistry, type SpecRegistryOptions } from './spec-registry.js';
import { TokenServer, type TokenServerOptions } from './token-server.js';

const login = { username: 'alice', password: 'down the rabbit hole' };
const basic = `Basic ${Buffer.from(`${login.username}:${login.password}`).toString('base64')}`;
const known: TargetOptions = { credentials: async () => login };
const unknown: TargetOptions = { credentials: async () => undefined };

/** All that a user could get to see of an error. */
function textOf(error: unknown): string {
  assert.ok(error instanceof OciError);
  return JSON.stringify([error.message, error.where, error.hint, error.details, error.stack, error]);
}

function assertNoSecret(text: string): void {
  for (const secret of [login.password, basic.slice(6)])
    assert.ok(!text.includes(secret), 'a credential is in an error');
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
        assert.match((error as OciError).hint ?? '', /bunny login/);
        assertNoSecret(textOf(error));
        return true;
      });
    }
    await checkLogin(registry.host, login);
    await assert.rejects(checkLogin(registry.host, wrong), { code: 'BUNNY_EAUTH' });
  });

  it('by token: one token for each scope, kept as long as it lives', async () => {
    const tokens = await tokensWith();
    const registry = await registryWith({ tokens });
    const options = { ...known };
    const target = openTarget(`${registry.host}/a/b`, options);
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
    await openTarget(`${registry.host}/c`, options).tags();
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
    const tokens = await tokensWith({ lifetime: 1 });
    const registry = await registryWith({ tokens });
    const target = openTarget(`${registry.host}/a`, { ...known });
    await target.tags();
    const refusals = registry.seen.length;
    await sleep(800);
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
    const options = { ...known };
    const [from, to] = [
      openTarget(`${registry.host}/from`, options),
      openTarget(`${registry.host}/to`, options),
    ];
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
});

describe("Docker's config.json", () => {
  let directory: string;
  let config: DockerConfig;
  beforeEach(() => {
    directory = mkdtempSync(path.join(tmpdir(), 'bunny-docker-'));
    config = new DockerConfig({ DOCKER_CONFIG: directory, PATH: `${directory}:${process.env.PATH}` });
  });
  afterEach(() => rm(directory, { recursive: true }));

  const write = (content: unknown): void =>
    writeFileSync(path.join(directory, 'config.json'), JSON.stringify(content));
  const helper = (name: string, script: string): void => {
    const file = path.join(directory, `docker-credential-${name}`);
    writeFileSync(file, `#!/bin/sh\n${script}\n`);
    chmodSync(file, 0o755);
  };

  it('gives what its auths hold, in the forms that tools write', async () => {
    const auth = Buffer.from('alice:pass:word').toString('base64');
    write({
      auths: {
        'localhost:5000': { auth },
        'https://ghcr.io': { username: 'bob', password: 'x' },
        'https://index.docker.io/v1/': { auth },
        'quay.io': { auth: Buffer.from('<token>:').toString('base64'), identitytoken: 'refresh' },
        'https://old.example/v2/': { auth },
        'empty.example': {},
      },
    });
    assert.deepEqual(await config.get('localhost:5000'), { username: 'alice', password: 'pass:word' });
    assert.deepEqual(await config.get('ghcr.io'), { username: 'bob', password: 'x' });
    assert.equal((await config.get('docker.io'))?.username, 'alice');
    assert.equal((await config.get('quay.io'))?.identityToken, 'refresh');
    assert.equal((await config.get('old.example'))?.username, 'alice');
    for (const host of ['empty.example', 'localhost', 'localhost:5001', '__proto__', 'constructor'])
      assert.equal(await config.get(host), undefined, host);
  });

  it('that is absent holds nothing; that is broken is an error without its text', async () => {
    assert.equal(await config.get('localhost:5000'), undefined);
    writeFileSync(path.join(directory, 'config.json'), '{"auths": {"h": {"auth": "c2VjcmV0"');
    await assert.rejects(config.get('h'), (error: unknown) => {
      assert.equal((error as OciError).code, 'BUNNY_EAUTH');
      assert.ok(!textOf(error).includes('c2VjcmV0'));
      return true;
    });
  });

  it('keeps all else when a login is added or removed, readable for its owner only', async () => {
    write({ auths: { other: { auth: 'eDp5' } }, HttpHeaders: { a: 'b' } });
    await config.set('localhost:5000', login);
    assert.deepEqual(await config.get('localhost:5000'), login);
    const file = path.join(directory, 'config.json');
    assert.equal(statSync(file).mode & 0o077, 0);
    const { auths, HttpHeaders } = JSON.parse(readFileSync(file, 'utf8')) as {
      auths: object;
      HttpHeaders: object;
    };
    assert.deepEqual(Object.keys(auths), ['other', 'localhost:5000']);
    assert.deepEqual(HttpHeaders, { a: 'b' });
    assert.equal(await config.remove('localhost:5000'), true);
    assert.equal(await config.remove('localhost:5000'), false);
    assert.equal(await config.get('localhost:5000'), undefined);
  });

  it('asks the helpers that it names, host by host before the one for all', async () => {
    helper(
      'all',
      'read host; [ "$host" = all.example ] && echo \'{"Username":"alice","Secret":"s1"}\' || { echo "credentials not found in native keychain"; exit 1; }',
    );
    helper('one', 'echo \'{"Username":"<token>","Secret":"s2"}\'');
    write({
      credsStore: 'all',
      credHelpers: { 'one.example': 'one' },
      auths: { 'file.example': { auth: 'eDp5' } },
    });
    assert.deepEqual(await config.get('all.example'), { username: 'alice', password: 's1' });
    assert.deepEqual(await config.get('one.example'), { username: '', password: '', identityToken: 's2' });
    assert.deepEqual(await config.get('file.example'), { username: 'x', password: 'y' });
    assert.equal(await config.get('none.example'), undefined);
  });

  it('keeps logins in its helper', async () => {
    helper('keep', `cat > ${directory}/kept-$1`);
    write({ credsStore: 'keep' });
    await config.set('ghcr.io', login);
    assert.deepEqual(JSON.parse(readFileSync(path.join(directory, 'kept-store'), 'utf8')), {
      ServerURL: 'ghcr.io',
      Username: login.username,
      Secret: login.password,
    });
    assert.ok(!readFileSync(path.join(directory, 'config.json'), 'utf8').includes(login.password));
  });

  it('says which helper is missing or fails, and not what it said', async () => {
    write({ credsStore: 'absent' });
    await assert.rejects(config.get('ghcr.io'), {
      code: 'BUNNY_EAUTH',
      message: /docker-credential-absent is not installed/,
    });
    helper('broken', 'echo "the secret is s3cret"; exit 3');
    write({ credsStore: 'broken' });
    await assert.rejects(config.get('ghcr.io'), (error: unknown) => {
      assert.ok(!textOf(error).includes('s3cret'));
      return (error as OciError).code === 'BUNNY_EAUTH';
    });
  });
});
