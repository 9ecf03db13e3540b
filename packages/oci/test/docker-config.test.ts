import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { OciError } from '../src/content/errors.js';
import { DockerConfig } from '../src/registry/credentials.js';
import { textOf } from './error-text.js';

const login = { username: 'alice', password: 'down the rabbit hole' };

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

  it('that is empty holds nothing, as with Docker, and may be written to', async () => {
    writeFileSync(path.join(directory, 'config.json'), '\n');
    assert.equal(await config.get('localhost:5000'), undefined);
    assert.equal(await config.remove('localhost:5000'), false);
    await config.set('localhost:5000', { username: 'alice', password: 'x' });
    assert.equal((await config.get('localhost:5000'))?.username, 'alice');
  });

  it('says so where its directory cannot be made', async () => {
    const nowhere = new DockerConfig({ DOCKER_CONFIG: '/proc/none/docker' });
    await assert.rejects(nowhere.set('localhost:5000', { username: 'alice', password: 'x' }), {
      code: 'BUNNY_EIO',
      where: '/proc/none/docker/config.json',
    });
  });

  it('forgets a login in every form that it would be read in', async () => {
    const auth = Buffer.from('alice:x').toString('base64');
    const forms = ['old.example', 'https://old.example', 'https://old.example/v2/', 'http://old.example/v1/'];
    const entries = Object.fromEntries([...forms, 'old.example.com'].map((form) => [form, { auth }]));
    write({ auths: entries });
    assert.equal(await config.remove('old.example'), true);
    assert.equal(await config.get('old.example'), undefined);
    assert.equal((await config.get('old.example.com'))?.username, 'alice');
    for (const form of forms) {
      write({ auths: { [form]: { auth } } });
      assert.equal(await config.remove('old.example'), true, form);
      assert.equal(await config.get('old.example'), undefined, form);
    }
  });

  it('keeps an identity token as Docker does, with and without the name it was given for', async () => {
    for (const username of ['alice', '']) {
      const token = { username, password: '', identityToken: 'refresh' };
      await config.set('localhost:5000', token);
      const kept = JSON.parse(readFileSync(path.join(directory, 'config.json'), 'utf8'));
      const auth = username === '' ? {} : { auth: Buffer.from('alice:').toString('base64') };
      assert.deepEqual(kept.auths, { 'localhost:5000': { ...auth, identitytoken: 'refresh' } });
      assert.deepEqual(await config.get('localhost:5000'), token);
    }
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

  describe('is followed by what podman, skopeo and buildah keep', () => {
    const entry = (username: string) => ({ auth: Buffer.from(`${username}:x`).toString('base64') });
    const keep = (file: string, auths: object): string => {
      const place = path.join(directory, file);
      mkdirSync(path.dirname(place), { recursive: true });
      writeFileSync(place, JSON.stringify({ auths }));
      return place;
    };
    const nameOf = async (environment: NodeJS.ProcessEnv, host = 'h') =>
      (await new DockerConfig({ DOCKER_CONFIG: directory, ...environment }).get(host))?.username;

    it('in their order', async () => {
      const REGISTRY_AUTH_FILE = keep('own.json', { h: entry('own') });
      const runtime = { XDG_RUNTIME_DIR: path.join(directory, 'run') };
      const both = { ...runtime, XDG_CONFIG_HOME: path.join(directory, 'config') };
      keep('config/containers/auth.json', { h: entry('home'), other: entry('other') });
      assert.equal(await nameOf(both), 'home');
      keep('run/containers/auth.json', { h: entry('run') });
      assert.equal(await nameOf(both), 'run');
      assert.equal(await nameOf(both, 'other'), 'other');
      assert.equal(await nameOf({ ...both, REGISTRY_AUTH_FILE }), 'own');
      assert.equal(await nameOf({ ...both, REGISTRY_AUTH_FILE }, 'other'), undefined);
      write({ auths: { h: entry('docker') } });
      assert.equal(await nameOf({ ...both, REGISTRY_AUTH_FILE }), 'docker');
    });

    it('with keys that name a repository or a namespace, the nearest first, or end in a slash', async () => {
      const REGISTRY_AUTH_FILE = keep('own.json', {
        'h:1/': entry('host'),
        'h:1/libos': entry('namespace'),
        'h:1/libos/warren/libc': entry('repository'),
      });
      const podman = new DockerConfig({ DOCKER_CONFIG: directory, REGISTRY_AUTH_FILE });
      const names: Record<string, string | undefined> = {};
      for (const each of ['libos/warren/libc', 'libos/warren/net', 'libos', 'libosx/warren'])
        names[each] = (await podman.getFor('h:1', each))?.username;
      assert.deepEqual(names, {
        'libos/warren/libc': 'repository',
        'libos/warren/net': 'namespace',
        libos: 'namespace',
        'libosx/warren': undefined,
      });
      assert.equal((await podman.get('h:1'))?.username, 'host');
    });

    it('and a file of theirs that is broken is named', async () => {
      const REGISTRY_AUTH_FILE = keep('own.json', {});
      writeFileSync(REGISTRY_AUTH_FILE, '{');
      await assert.rejects(nameOf({ REGISTRY_AUTH_FILE }), {
        code: 'BUNNY_EAUTH',
        where: REGISTRY_AUTH_FILE,
      });
    });
  });
});
