import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cp, mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { bunny, bunnyDone } from 'bunny-libos-testing/command/bunny.js';
import { temporaryDirectory } from 'bunny-libos-testing/files/temporary.js';
import { copyOfApp, warren, warrenTimeout } from 'bunny-libos-testing/frameworks/warren.js';
import { repositoryFile } from 'bunny-libos-testing/repository.js';

const run = promisify(execFile);
const root = repositoryFile('');

/** The packages on npm beside the command. */
const libraries = ['oci', 'solver', 'elf'];

describe('the packages that stand alone', () => {
  for (const name of libraries) {
    it(`${name} is packed without tests`, async () => {
      const cache = await temporaryDirectory('pack');
      const words = ['pack', '--json', '--dry-run', join(root, 'packages', name)];
      const { stdout } = await run('npm', words, {
        env: { PATH: process.env.PATH, HOME: cache, npm_config_cache: cache },
      });
      const [tarball] = JSON.parse(stdout) as { files: { path: string }[] }[];
      const paths = tarball?.files.map(({ path }) => path) ?? [];
      assert.ok(paths.includes('dist/src/index.js'));
      for (const path of paths) {
        assert.match(path, /^(dist\/src\/|src\/|package\.json$|README\.md$|LICENSE$)/);
        assert.doesNotMatch(path, /\.test\./);
      }
    });
  }
});

describe('the packed command', function () {
  this.timeout(120_000);

  it('evaluates no package of ours as a whole, only files of it', async () => {
    const program = await readFile(repositoryFile('packages/cli/bundle/program.cjs'), 'utf8');
    const modules = new Set(program.match(/"packages\/[^"]*\.js"(?=\()/g));
    assert.ok(modules.size > 100);
    assert.deepEqual(
      [...modules].filter((name) => /^"packages\/[a-z]+\/dist\/src\/index\.js"$/.test(name)),
      [],
    );
  });

  let packed: string[];
  let installed: string;

  before(async function () {
    this.timeout(warrenTimeout);
    await warren();
    const place = await temporaryDirectory('pack');
    const npm = { env: { PATH: process.env.PATH, HOME: place, npm_config_cache: join(place, 'cache') } };
    const { stdout } = await run(
      'npm',
      ['pack', '--json', '--pack-destination', place, join(root, 'packages/cli')],
      npm,
    );
    const [tarball] = JSON.parse(stdout) as { filename: string; files: { path: string }[] }[];
    assert.ok(tarball !== undefined);
    packed = tarball.files.map(({ path }) => path);
    const prefix = join(place, 'prefix');
    const words = ['install', '--global', '--offline', '--no-audit', '--no-fund', '--prefix', prefix];
    await run('npm', [...words, join(place, tarball.filename)], npm);
    installed = join(prefix, 'bin/bunny');
  });

  const options = async () => ({ store: (await warren()).store, command: [installed] });

  it('is one tarball of the bundle, with nothing else to install', async () => {
    assert.ok(packed.includes('bundle/bunny.cjs'));
    for (const path of packed)
      assert.match(path, /^(bundle\/|man\/|schemas\/|package\.json$|README\.md$|LICENSE$)/);
    const manifest = JSON.parse(await readFile(join(root, 'packages/cli/package.json'), 'utf8')) as {
      dependencies?: object;
    };
    assert.deepEqual(Object.keys(manifest.dependencies ?? {}), []);
  });

  it('installs manual pages where man finds them', async () => {
    const pages = await readdir(join(installed, '../../share/man/man1'));
    assert.ok(pages.includes('bunny.1') && pages.includes('bunny-cache-prune.1'), pages.join(' '));
    const { stdout } = await run('groff', [
      '-man',
      '-Tascii',
      join(installed, '../../share/man/man1/bunny-build.1'),
    ]);
    assert.match(stdout, /bunny build/);
  });

  it('has the schemas, under the names by which init has editors ask for them', async () => {
    const cwd = await temporaryDirectory('init');
    const { registry } = await warren();
    await bunnyDone(['init', '--framework', 'warren', '--from', registry], { cwd, ...(await options()) });
    const [first = ''] = (await readFile(join(cwd, 'Bunnyfile'), 'utf8')).split('\n');
    const [, name = ''] = /^# yaml-language-server: \$schema=https:.*\/([^/]+)$/.exec(first) ?? [];
    assert.ok(packed.includes(`schemas/${name}`), first);
    const schema = JSON.parse(await readFile(join(root, 'registry-schemas', name), 'utf8')) as {
      $id: string;
    };
    assert.ok(first.endsWith(`$schema=${schema.$id}`));
  });

  it('tells its version and helps', async () => {
    const { stdout } = await bunnyDone(['--version'], await options());
    assert.match(stdout, /^bunny \d+\.\d+\.\d+\n$/);
    assert.match((await bunnyDone(['build', '--help'], await options())).stdout, /^Usage: bunny build/);
  });

  it('resolves, builds and boots far from the checkout', async () => {
    const { registry } = await warren();
    const app = await copyOfApp('hello');
    const place = await options();
    const { stderr } = await bunnyDone(['resolve', '--from', registry, '--quiet'], { cwd: app, ...place });
    assert.equal(stderr, '');
    const words = ['run', '--from', registry, '--platform', 'linuxu', '--quiet', '--', '--status=5'];
    const { status, stdout } = await bunny(words, { cwd: app, ...place });
    assert.deepEqual([status, stdout.split('\n')[0]], [5, 'Hello from hello!']);
  });

  it('publishes and inspects', async () => {
    const registry = join(await temporaryDirectory('layout'), 'registry');
    const { directory } = await warren();
    await mkdir(registry);
    await cp(directory, registry, { recursive: true });
    const place = await options();
    const libos = join(root, 'fixtures/warren');
    const { stderr } = await bunnyDone(['publish', libos, '--to', `oci:${registry}`], place);
    assert.match(stderr, /Published 0 variants/);
    const { stdout } = await bunnyDone(['inspect', `oci:${registry}:warren/libc`], place);
    assert.match(stdout, /1\.0\.0 +arch=amd64/);
  });

  it('tells errors as the checkout does', async () => {
    const words = ['resolve', '-f', 'nowhere'];
    const cwd = await temporaryDirectory('empty');
    const theirs = await bunny(words, { cwd, command: [installed] });
    assert.deepEqual(theirs, await bunny(words, { cwd }));
    assert.equal(theirs.status, 2);
  });
});
