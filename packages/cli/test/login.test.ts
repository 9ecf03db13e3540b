import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type BunnyOptions,
  bunny,
  bunnyDone,
  bunnyError,
  bunnyJson,
  mainFile,
} from 'bunny-libos-testing/command/bunny.js';
import { temporaryDirectory } from 'bunny-libos-testing/files/temporary.js';
import { type DockerRegistry, startDockerRegistry } from 'bunny-libos-testing/registries/docker.js';
import { SpecRegistry } from 'bunny-libos-testing/registries/spec/registry.js';
import { writeCertificate } from 'bunny-libos-testing/registries/tls-certificate.js';
import { TokenServer } from 'bunny-libos-testing/registries/token-server.js';

const username = 'maintainer';
const password = 'correct horse: battery/staple é';

describe('bunny login', () => {
  let registry: DockerRegistry;
  let home: string;
  let options: BunnyOptions;

  before(async () => {
    registry = await startDockerRegistry({ address: '127.0.0.1', login: { username, password } });
  });
  after(() => registry.stop());
  beforeEach(async () => {
    home = await temporaryDirectory('docker-config');
    options = { env: { DOCKER_CONFIG: home } };
  });

  const login = (input: string, more: BunnyOptions = options) =>
    bunny(['login', registry.host, '-u', username, '--password-stdin'], { ...more, input });
  const config = async () => JSON.parse(await readFile(join(home, 'config.json'), 'utf8'));

  it('keeps a login that the registry takes, where every OCI tool looks for it', async () => {
    const { status, stdout, stderr } = await login(`${password}\n`);
    assert.equal(status, 0, stderr);
    assert.ok(!`${stdout}${stderr}`.includes('horse'));
    const auth = Buffer.from(`${username}:${password}`).toString('base64');
    assert.deepEqual(await config(), { auths: { [registry.host]: { auth } } });
    assert.equal((await stat(join(home, 'config.json'))).mode & 0o777, 0o600);
    assert.deepEqual(await readdir(home), ['config.json']);
  });

  it('loses none of two at once, and leaves nothing beside them', async () => {
    const hosts = [registry.host, registry.host.replace('127.0.0.1', 'localhost')];
    const words = ['-u', username, '--password-stdin'];
    const each = await Promise.all(
      hosts.map((host) => bunny(['login', host, ...words], { ...options, input: password })),
    );
    assert.deepEqual(
      each.map(({ status }) => status),
      hosts.map(() => 0),
      each.map(({ stderr }) => stderr).join(''),
    );
    assert.deepEqual(Object.keys((await config()).auths).sort(), hosts);
    assert.deepEqual(await readdir(home), ['config.json']);
  });

  it('lets the other commands in, and logout keeps them out', async () => {
    const nothing = `${registry.host}/libos/warren/libc`;
    const store = await temporaryDirectory('store');
    assert.equal((await bunnyError(['inspect', nothing], { ...options, store })).code, 'BUNNY_EAUTH');
    await login(password);
    assert.equal((await bunnyError(['inspect', nothing], { ...options, store })).code, 'BUNNY_ENOTFOUND');
    assert.deepEqual(await bunnyJson(['logout', registry.host], options), {
      host: registry.host,
      removed: true,
      config: join(home, 'config.json'),
    });
    assert.deepEqual(await config(), { auths: {} });
    const { code, hint } = await bunnyError(['inspect', nothing], { ...options, store });
    assert.equal(code, 'BUNNY_EAUTH');
    assert.equal(hint, `log in to ${registry.host}: \`bunny login ${registry.host}\``);
    const again = await bunnyDone(['logout', registry.host], options);
    assert.match(again.stderr, /there was no login/);
  });

  it('keeps nothing that the registry refuses, and tells no secret', async () => {
    const words = ['login', registry.host, '-u', username, '--password-stdin'];
    const error = await bunnyError(words, { ...options, input: 'wrong-secret' });
    assert.equal(error.code, 'BUNNY_EAUTH');
    assert.equal(error.status, 3);
    assert.ok(!JSON.stringify(error).includes('wrong-secret'));
    await assert.rejects(config(), { code: 'ENOENT' });
  });

  it('leaves the rest of config.json alone', async () => {
    const before = { auths: { 'other.example': { auth: 'eDp5' } }, HttpHeaders: { 'User-Agent': 'x' } };
    await writeFile(join(home, 'config.json'), JSON.stringify(before));
    await login(password);
    const { auths, ...rest } = await config();
    assert.deepEqual(Object.keys(auths).sort(), [registry.host, 'other.example'].sort());
    assert.deepEqual(rest, { HttpHeaders: before.HttpHeaders });
    await bunnyDone(['logout', registry.host], options);
    assert.deepEqual(await config(), before);
  });

  it('keeps the login with the credential helper that config.json names', async () => {
    const bin = join(home, 'bin');
    const kept = join(home, 'kept');
    await mkdir(bin);
    const helper = join(bin, 'docker-credential-jar');
    await writeFile(
      helper,
      `#!/bin/sh\ncase $1 in\nstore) cat > ${kept};;\nget) cat ${kept} 2>/dev/null || { echo credentials not found in native keychain; exit 1; };;\nerase) rm ${kept};;\nesac\n`,
    );
    await chmod(helper, 0o755);
    await writeFile(join(home, 'config.json'), JSON.stringify({ credsStore: 'jar' }));
    const more = { env: { ...options.env, PATH: `${bin}:${process.env.PATH}` } };
    assert.equal((await login(password, more)).status, 0);
    assert.deepEqual(JSON.parse(await readFile(kept, 'utf8')), {
      ServerURL: registry.host,
      Username: username,
      Secret: password,
    });
    assert.deepEqual(await config(), { credsStore: 'jar' });
    const store = await temporaryDirectory('store');
    const there = await bunnyError(['inspect', `${registry.host}/libos/warren/libc`], { ...more, store });
    assert.equal(there.code, 'BUNNY_ENOTFOUND');
    await bunnyDone(['logout', registry.host], more);
    await assert.rejects(stat(kept), { code: 'ENOENT' });
  });

  it('asks on a terminal, and shows nothing of the answer', async () => {
    const command = `'${process.execPath}' '${mainFile}' login ${registry.host} -u ${username}`;
    const child = spawn('script', ['-qefc', command, '/dev/null'], {
      env: { PATH: process.env.PATH, DOCKER_CONFIG: home, TERM: 'dumb', SHELL: '/bin/sh' },
    });
    let shown = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      const asked = shown.includes('Password: ');
      shown += text;
      if (!asked && shown.includes('Password: ')) child.stdin.write(`${password}x\u007f\r`);
    });
    const status = await new Promise((resolve) => child.once('close', resolve));
    assert.equal(status, 0, shown);
    assert.ok(!shown.includes('horse'), shown);
    assert.match(shown, /Logged in/);
    assert.ok(Object.hasOwn((await config()).auths, registry.host));
  });

  it('says what is missing where there is no terminal', async () => {
    for (const words of [
      ['login', registry.host],
      ['login', registry.host, '-u', username],
    ]) {
      const { code, status, hint } = await bunnyError(words, options);
      assert.deepEqual([code, status], ['BUNNY_EAUTH', 2]);
      assert.match(hint ?? '', /--username|--password-stdin/);
    }
    const { code } = await bunnyError(['login', `${registry.host}/libos`, '-u', 'x'], options);
    assert.equal(code, 'BUNNY_EREFERENCE');
  });
});

describe('bunny login to a registry with a token server', () => {
  let tokens: TokenServer;
  let registry: SpecRegistry;
  let home: string;
  let options: BunnyOptions;

  before(async () => {
    tokens = await new TokenServer({
      login: { username, password },
      service: 'tests',
      offline: 'POST',
    }).start();
    registry = await new SpecRegistry({ tokens }).start();
  });
  after(async () => {
    await registry.stop();
    await tokens.stop();
  });
  beforeEach(async () => {
    home = await temporaryDirectory('docker-config');
    options = { env: { DOCKER_CONFIG: home } };
  });

  const login = (words: readonly string[], input: string) =>
    [['login', registry.host, '--password-stdin', ...words], { ...options, input: `${input}\n` }] as const;
  const config = async () => JSON.parse(await readFile(join(home, 'config.json'), 'utf8'));

  it('keeps the identity token that it gives, and not the password', async () => {
    const result = await bunnyJson(...login(['-u', username], password));
    assert.deepEqual(result, {
      host: registry.host,
      username,
      identityToken: true,
      config: join(home, 'config.json'),
    });
    const auth = Buffer.from(`${username}:`).toString('base64');
    const identitytoken = tokens.refreshToken;
    assert.deepEqual(await config(), { auths: { [registry.host]: { auth, identitytoken } } });
  });

  it('takes an identity token as the login', async () => {
    const { stderr, stdout } = await bunnyDone(...login(['--identity-token'], tokens.refreshToken));
    assert.match(stderr, /Logged in/);
    assert.ok(!`${stdout}${stderr}`.includes(tokens.refreshToken));
    const identitytoken = tokens.refreshToken;
    assert.deepEqual(await config(), { auths: { [registry.host]: { identitytoken } } });
  });

  it('keeps nothing that it refuses, and tells no secret', async () => {
    for (const words of [['-u', username], ['--identity-token']]) {
      const error = await bunnyError(...login(words, 'wrong-secret'));
      assert.deepEqual([error.code, error.status], ['BUNNY_EAUTH', 3]);
      assert.ok(!JSON.stringify(error).includes('wrong-secret'));
      await assert.rejects(config(), { code: 'ENOENT' });
    }
    assert.equal((await bunnyError(...login(['--identity-token'], ''))).status, 2);
  });
});

describe('a registry with TLS', () => {
  let registry: DockerRegistry;
  let certificate: string;
  /** Of another authority. */
  let other: string;
  let options: BunnyOptions;

  before(async () => {
    const directory = await temporaryDirectory('tls');
    const tls = await writeCertificate(directory, 'registry');
    certificate = tls.certificate;
    other = (await writeCertificate(directory, 'other')).certificate;
    registry = await startDockerRegistry({ address: '127.0.0.1', tls });
    options = { store: await temporaryDirectory('store') };
  });
  after(() => registry.stop());

  const codeOf = async (flags: readonly string[], env: Record<string, string> = {}) => {
    const words = ['inspect', `${registry.host}/libos/warren/libc`, ...flags];
    return (await bunnyError(words, { ...options, env })).code;
  };

  it('is trusted by its authority, or by its name alone', async () => {
    assert.equal(await codeOf(['--no-plain-http', '--ca-file', certificate]), 'BUNNY_ENOTFOUND');
    assert.equal(await codeOf(['--no-plain-http'], { SSL_CERT_FILE: certificate }), 'BUNNY_ENOTFOUND');
    assert.equal(
      await codeOf(['--no-plain-http', '--ca-file', certificate], { NODE_EXTRA_CA_CERTS: other }),
      'BUNNY_ENOTFOUND',
    );
    assert.equal(
      await codeOf(['--no-plain-http', '--ca-file', other], { NODE_EXTRA_CA_CERTS: certificate }),
      'BUNNY_ENOTFOUND',
    );
    assert.equal(await codeOf(['--insecure', registry.host]), 'BUNNY_ENOTFOUND');
  });

  it('is not trusted otherwise, and the flags that say so are named', async () => {
    const words = ['inspect', `${registry.host}/libos/warren/libc`, '--no-plain-http'];
    const { hint } = await bunnyError(words, options);
    assert.equal(hint, 'name the authority with --ca-file, or the host with --insecure');
    assert.equal(await codeOf(['--no-plain-http']), 'BUNNY_ENETWORK');
    assert.equal(await codeOf(['--no-plain-http', '--insecure', '127.0.0.1:1']), 'BUNNY_ENETWORK');
  });
});
