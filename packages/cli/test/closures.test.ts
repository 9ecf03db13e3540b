import assert from 'node:assert/strict';
import { join } from 'node:path';
import { bunny, bunnyDone, bunnyError, bunnyJson } from 'bunny-libos-testing/command/bunny.js';
import { edit } from 'bunny-libos-testing/files/documents.js';
import { temporaryDirectory } from 'bunny-libos-testing/files/temporary.js';
import { copyOfApp, type Warren, warren, warrenTimeout } from 'bunny-libos-testing/frameworks/warren.js';

describe('the commands that show a closure', function () {
  this.timeout(60_000);
  let published: Warren;
  let app: string;

  before(async function () {
    this.timeout(warrenTimeout);
    published = await warren();
    app = await copyOfApp('hello');
    await run('resolve');
  });

  const options = () => ({ cwd: app, store: published.store, env: { BUNNY_REGISTRY: published.registry } });
  const run = async (...words: string[]) => (await bunnyDone(words, options())).stdout.split('\n');

  it('bunny tree spells each component out once, and alike targets together', async () => {
    assert.deepEqual(await run('tree', '--platform', 'qemu'), [
      'hello amd64/qemu arm64/qemu',
      '└── libc 1.0.0',
      '    ├── console 1.0.0',
      '    └── plat-qemu 1.0.0',
      'in every image, or for the language:',
      '├── main 1.0.0',
      '│   ├── args 1.1.1',
      '│   │   └── libc 1.0.0 (*)',
      '│   ├── console 1.0.0',
      '│   ├── libc 1.0.0 (*)',
      '│   └── plat-qemu 1.0.0',
      '└── plat-qemu 1.0.0',
      '',
    ]);
  });

  it('bunny tree shows the same from a lock alone, on a machine that has never seen the rest', async () => {
    const store = join(await temporaryDirectory('store'), 'store');
    const words = ['tree', '--arch', 'amd64', '--platform', 'qemu'];
    const { stdout } = await bunnyDone(words, { ...options(), store });
    assert.deepEqual(stdout.split('\n'), await run(...words));
  });

  it('bunny tree NAME --invert shows who needs a component', async () => {
    assert.deepEqual(await run('tree', 'args', '--invert', '--arch', 'amd64', '--platform', 'qemu'), [
      'hello amd64/qemu',
      '└── args 1.1.1',
      '    └── main 1.0.0',
      '',
    ]);
    assert.deepEqual(await run('tree', 'main', '--depth', '0', '--arch', 'arm64'), [
      'hello arm64/qemu',
      '└── main 1.0.0',
      '',
    ]);
  });

  it('bunny tree --json nests the same', async () => {
    const { closures } = await bunnyJson<{
      closures: { targets: string[]; tree: { name: string; children: { name: string }[] }[] }[];
    }>(['tree'], options());
    assert.deepEqual(
      closures.map(({ targets }) => targets),
      [['amd64/linuxu'], ['amd64/qemu', 'arm64/qemu']],
    );
    assert.deepEqual(
      closures[0]?.tree.map(({ name, children }) => [name, children.map((child) => child.name)]),
      [['libc', ['console', 'plat-linuxu']]],
    );
  });

  it('bunny why shows each way to a component', async () => {
    assert.deepEqual(await run('why', 'args', '--arch', 'arm64'), [
      'args in hello arm64/qemu',
      '  every image -> main 1.0.0 -> args 1.1.1',
      '',
    ]);
    assert.deepEqual(await run('why', 'libc', '--arch', 'arm64'), [
      'libc in hello arm64/qemu',
      '  Bunnyfile -> libc 1.0.0',
      '  every image -> main 1.0.0 -> libc 1.0.0',
      '  every image -> main 1.0.0 -> args 1.1.1 -> libc 1.0.0',
      '',
    ]);
    const { status, code, hint } = await bunnyError(['why', 'arg'], options());
    assert.deepEqual([status, code, hint], [1, 'BUNNY_ENOTFOUND', 'did you mean "args"?']);
  });

  it('take a capability that the app names for its provider, and the lock’s registries where none is named', async () => {
    const cwd = await copyOfApp('hello');
    await edit(join(cwd, 'Bunnyfile'), 'libc: ^1.0', 'libc: ^1.0, alloc: ^1.0');
    await bunnyDone(['resolve'], { ...options(), cwd });
    const there = { cwd, store: published.store };
    const lines = async (...words: string[]) => (await bunnyDone(words, there)).stdout.split('\n');
    assert.deepEqual((await lines('why', 'alloc', '--arch', 'arm64')).slice(0, 2), [
      'alloc-buddy (alloc) in hello arm64/qemu',
      '  Bunnyfile -> alloc-buddy 1.1.0',
    ]);
    assert.deepEqual((await lines('tree', 'alloc', '--arch', 'arm64')).slice(0, 2), [
      'hello arm64/qemu',
      '└── alloc-buddy 1.1.0',
    ]);
    const typo = await bunnyError(['why', 'aloc'], there);
    assert.equal(typo.hint, 'did you mean "alloc"?');
    for (const words of [['update', 'alloc', '--dry-run'], ['outdated'], ['add', 'time', '--dry-run']]) {
      const { status, stderr } = await bunny(words, there);
      assert.equal(status, 0, stderr);
    }
    assert.equal((await bunnyError(['update', 'aloc'], there)).hint, 'did you mean "alloc"?');
  });

  it('bunny graph draws a closure for Graphviz, for Mermaid and for programs', async () => {
    const dot = await run('graph', '--arch', 'arm64');
    assert.equal(dot[0], 'digraph "hello arm64/qemu" {');
    assert.ok(dot.includes('  "main" -> "args";'));
    const mermaid = await run('graph', '--arch', 'arm64', '--format', 'mermaid');
    assert.equal(mermaid[0], 'graph TD');
    const { closures } = await bunnyJson<{ closures: { nodes: unknown[]; edges: { to: string }[] }[] }>(
      ['graph', '--arch', 'arm64'],
      options(),
    );
    assert.equal(closures[0]?.nodes.length, 5);
    assert.ok(closures[0]?.edges.some(({ to }) => to === 'args'));
    assert.equal((await bunnyError(['graph', '--format', 'png'], options())).status, 2);
    const both = await bunnyError(['graph', '--format', 'mermaid'], options());
    assert.equal(both.message, '--format mermaid and --json exclude each other');
  });
});
