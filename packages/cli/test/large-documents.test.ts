import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type BunnyOptions, bunnyError, startBunny } from 'bunny-libos-testing/command/bunny.js';
import { temporaryDirectory } from 'bunny-libos-testing/files/temporary.js';
import { warren, warrenTimeout } from 'bunny-libos-testing/frameworks/warren.js';

const head =
  'version: v0.1\nname: x\nplatforms: { framework: warren, monitor: linuxu, architecture: amd64 }\n';

const times = (count: number, item: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => item(index)).join('');

describe('documents of strangers that are beyond measure', function () {
  this.timeout(60_000);
  let cwd: string;

  before(async function () {
    this.timeout(warrenTimeout);
    await warren();
    cwd = await temporaryDirectory('large');
    await writeFile(join(cwd, 'main.c'), 'int main(void) { return 0; }\n');
  });

  const write = (name: string, text: string) => writeFile(join(cwd, name), text);

  const build = async (more: BunnyOptions = {}) => {
    const { registry, store } = await warren();
    return await bunnyError(['build', '--from', registry], { cwd, store, ...more });
  };

  it('are refused before anything is done with what they name', async () => {
    const documents = [
      `dependencies:\n${times(20_000, (index) => `  unknown${index}: ^1.0\n`)}`,
      `app: { flags: [${times(150_000, () => '-a,')}] }\n`,
      `app: { flags: ${times(150_000, () => '-a ')} }\n`,
    ];
    for (const document of documents) {
      await write('Bunnyfile', head + document);
      const start = performance.now();
      const error = await build();
      assert.deepEqual([error.status, error.code], [2, 'BUNNY_ETOOLARGE']);
      assert.ok(performance.now() - start < 5000, `${performance.now() - start} ms`);
    }
  });

  it('take no more open files than there are', async () => {
    await write('Bunnyfile', `${head}dependencies:\n${times(600, (index) => `  unknown${index}: ^1.0\n`)}`);
    const store = join(await temporaryDirectory('store'), 'store');
    const error = await build({ store, through: ['prlimit', '--nofile=200', '--'] });
    assert.deepEqual([error.status, error.code], [1, 'BUNNY_ENOSOLUTION'], error.message);
  });

  it('have patterns that take no more time than their length', async () => {
    await mkdir(join(cwd, 'a'.repeat(200)), { recursive: true });
    await write(`${'a'.repeat(200)}/${'a'.repeat(250)}.c`, '');
    const patterns = [
      '**/+(*+(*a)*)b.c',
      `**/${'*a'.repeat(100)}*b`,
      `**/${'+(a|'.repeat(40)}a${')'.repeat(40)}b`,
    ];
    for (const pattern of patterns) {
      await write('Bunnyfile', `${head}app: { sources: ['${pattern}'] }\n`);
      const start = performance.now();
      const error = await build();
      assert.deepEqual([error.status, error.code], [2, 'BUNNY_ESOURCE']);
      assert.ok(performance.now() - start < 10_000, `${performance.now() - start} ms`);
    }
  });

  const component = (rows: number, arch = 'amd64') =>
    [
      'framework: warren',
      'name: many',
      'version: 1.0.0',
      'sources: [main.c]',
      'options: { n: { type: integer, default: 0 } }',
      'affectedBy: [arch]',
      `matrix: { arch: [${arch}], options: [${times(rows, (index) => `{ n: ${index} },`)}] }`,
      '',
    ].join('\n');

  it('come to so many variants, and no more', async () => {
    const { registry, store } = await warren();
    await write('component.yaml', component(5001, 'amd64, arm64'));
    const error = await bunnyError(['publish', '.', '--dry-run', '--to', registry], { cwd, store });
    assert.deepEqual([error.status, error.code], [2, 'BUNNY_ETOOLARGE']);
    assert.equal(error.message, 'this matrix comes to 10002 variants');
  });

  it('do not keep signals waiting', async () => {
    const { registry, store } = await warren();
    await write('component.yaml', component(4000));
    const { child, finished } = startBunny(['publish', '.', '--dry-run', '--to', registry], { cwd, store });
    await sleep(700);
    const start = performance.now();
    child.kill('SIGTERM');
    const { status } = await finished;
    assert.equal(status, 143);
    assert.ok(performance.now() - start < 4000, `${performance.now() - start} ms`);
  });
});
