import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, renameSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { digestOf, type Target } from 'bunny-libos-oci';
import type { BuildRecord } from 'bunny-libos-spec';
import {
  hello,
  type SmallLibos,
  smallLibos,
  type TestApp,
  testApp,
} from 'bunny-libos-testing/frameworks/small.js';
import { type BuildResult, build } from '../src/build.js';
import { packageKernel } from '../src/kernel/package.js';
import type { BuildProgress } from '../src/plan/build-request.js';
import { prepareBuild } from '../src/plan/prepare.js';

describe('build', function () {
  this.timeout(300_000);
  let libos: SmallLibos;
  const apps: TestApp[] = [];
  const app = (...words: Parameters<typeof testApp>): TestApp => {
    const made = testApp(...words);
    apps.push(made);
    return made;
  };
  const run = (result: BuildResult, ...words: string[]) =>
    spawnSync(result.image, words, { encoding: 'utf8' });
  /** The steps of a build that were run, by description, sorted. */
  const steps = async (
    made: TestApp,
    components: readonly string[] = ['plat', 'say'],
    more: Parameters<TestApp['request']>[2] = {},
  ): Promise<string[]> => {
    const seen: string[] = [];
    const onProgress = (progress: BuildProgress) => {
      if (progress.kind === 'step') seen.push(progress.description);
    };
    await build(made.request(libos, components, { onProgress, ...more }));
    return seen.sort();
  };
  const age = (made: TestApp, seconds: number, ...paths: string[]) => {
    const time = Date.now() / 1000 - seconds;
    for (const path of paths) utimesSync(join(made.directory, path), time, time);
  };

  before(async () => {
    libos = await smallLibos();
  });
  after(() => libos.remove());
  afterEach(() => {
    for (const made of apps.splice(0)) made.remove();
  });

  it('makes an image that runs, from layers, generated objects, scripts and post-link steps', async () => {
    const made = app(hello);
    const result = await build(made.request(libos, ['plat', 'say']));
    assert.equal(result.image, join(made.directory, 'build', 'hello-amd64-linuxu'));
    const { stdout, status } = run(result, 'a', 'b');
    assert.equal(stdout, 'Hello from small\nhi\n');
    assert.equal(status, 3);
    assert.doesNotMatch(execFileSync('readelf', ['-S', result.image], { encoding: 'utf8' }), /symtab/);
    assert.equal(result.ran, 5);
    assert.deepEqual(readdirSync(join(made.directory, 'build')).sort(), [
      'hello-amd64-linuxu',
      'hello-amd64-linuxu.record.json',
      'hello-amd64-linuxu.sizes.json',
    ]);
    assert.deepEqual(readdirSync(made.directory).sort(), ['Bunnyfile', 'build', 'src']);
  });

  it('runs nothing and writes nothing when nothing has changed, and no more than a change asks for', async () => {
    const made = app({ ...hello, 'src/other.c': 'int other;\n' });
    age(made, 60, 'src/main.c', 'src/name.h', 'src/other.c');
    const first = await build(made.request(libos, ['plat', 'say']));
    const time = statSync(first.image).mtimeMs;
    assert.deepEqual(await steps(made), []);
    assert.equal(statSync(first.image).mtimeMs, time);

    made.write('src/name.h', '#define NAME "changed"\n');
    assert.deepEqual(await steps(made), ['compile src/main.c', 'link hello', 'strip hello']);
    assert.match(run(first).stdout, /^Hello from changed\n/);

    const names = ['compile names.c', 'generate names.c'];
    assert.deepEqual(await steps(made, ['plat', 'say']), []);
    await libos.add('spare', '1.0.0', { 'objects/spare.c': 'int spare;\n' });
    const all = ['compile src/main.c', 'compile src/other.c', 'link hello', 'strip hello', ...names].sort();
    assert.deepEqual(await steps(made, ['plat', 'say', 'spare']), all);
  });

  it('compiles again where an older file took the place of a source or header', async () => {
    const made = app(hello);
    const result = await build(made.request(libos, ['plat', 'say']));
    const replace = (path: string, text: string) => {
      made.write('older', text);
      age(made, 3600, 'older');
      renameSync(join(made.directory, 'older'), join(made.directory, path));
    };
    const again = ['compile src/main.c', 'link hello', 'strip hello'];
    replace('src/name.h', '#define NAME "replaced"\n');
    assert.deepEqual(await steps(made), again);
    assert.match(run(result).stdout, /^Hello from replaced\n/);
    replace('src/main.c', 'int main(void) { return 5; }\n');
    assert.deepEqual(await steps(made), again);
    assert.equal(run(result).status, 5);
    assert.deepEqual(await steps(made), []);
  });

  it('compiles again what would include a header that was not there, and nothing else', async () => {
    const made = app(
      {
        'src/main.c': '#include <small/say.h>\n#include "name.h"\nint main(void) { say(NAME); return 0; }\n',
        'src/other.c': '#include "deep/other.h"\nint other = OTHER;\n',
        'include/deep/other.h': '#include <stddef.h>\n#define OTHER 1\n',
        'last/name.h': '#define NAME "last"\n',
        'first/unrelated.h': '',
      },
      'app: { include: [first, include], flags: [-Iflagged, -Ilast] }\n',
    );
    const result = await build(made.request(libos, ['plat', 'say']));
    const after = (step: string) => [step, 'link hello', 'strip hello'];
    const again = after('compile src/main.c');
    const say = 'void say(const char *);\n';
    for (const [path, text, expected] of [
      ['flagged/name.h', '#define NAME "flagged"\n', again],
      ['include/name.h', '#define NAME "include"\n', again],
      ['first/name.h', '#define NAME "first"\n', again],
      ['src/name.h', '#define NAME "src"\n', again],
      ['include/small/say.h', say, again],
      ['include/deep/stddef.h', '', after('compile src/other.c')],
      ['first/deep/new.h', '', []],
      ['src/new.h', '', []],
      ['src/small/unrelated.h', '', []],
    ] as const) {
      made.write(path, text);
      assert.deepEqual(await steps(made), expected, path);
      const [, name] = /NAME "(.*)"/.exec(text) ?? [];
      if (name !== undefined) assert.equal(run(result).stdout, name);
      assert.deepEqual(await steps(made), [], `${path}, once more`);
    }
  });

  it('writes an output that was removed or altered again, without running anything', async () => {
    const made = app(hello);
    const { image } = await build(made.request(libos, ['plat', 'say']));
    const bytes = readFileSync(image);
    execFileSync('rm', [image]);
    assert.deepEqual(await steps(made), []);
    assert.ok(readFileSync(image).equals(bytes));
    execFileSync('sh', ['-c', 'echo x >> "$1"', 'sh', image]);
    assert.deepEqual(await steps(made), []);
    assert.ok(readFileSync(image).equals(bytes));
  });

  it('gives the same bytes from two directories', async () => {
    const image = async (made: TestApp) => {
      const { image, record, sizes } = await build(made.request(libos, ['plat', 'say']));
      return [image, record, sizes].map((path) => readFileSync(path, 'utf8'));
    };
    const flags = 'app: { flags: [-g] }\n';
    assert.deepEqual(await image(app(hello, flags)), await image(app(hello, flags)));
  });

  it('records every input and command', async () => {
    const made = app({ ...hello, 'www/index.html': '<html>' }, 'rootfs: { include: ["www:/"] }\n');
    const result = await build(made.request(libos, ['plat', 'say']));
    const record = JSON.parse(readFileSync(result.record, 'utf8')) as BuildRecord;
    assert.deepEqual(
      record.inputs.map(({ path }) => path),
      ['src/main.c', 'src/name.h', 'rootfs/index.html'],
    );
    assert.deepEqual(
      record.steps.map(({ kind }) => kind),
      ['compile', 'generate', 'compile', 'link', 'post-link'],
    );
    assert.deepEqual(Object.keys(record.outputs), ['hello-amd64-linuxu', 'hello-amd64-linuxu.initrd']);
    for (const [name, digest] of Object.entries(record.outputs)) {
      assert.equal(digestOf(readFileSync(join(made.directory, 'build', name))), digest, name);
    }
    assert.equal(record.inputs.at(-1)?.digest, digestOf(Buffer.from('<html>')));
    assert.deepEqual(
      record.components.map(({ name, digest }) => [name, digest]),
      ['plat', 'say'].map((name) => [name, libos.component(name).layer.digest]),
    );
    assert.doesNotMatch(JSON.stringify(record), new RegExp(made.directory));
  });

  it('measures what each part brings to the image, left-out sections aside', async () => {
    const made = app({ ...hello, 'src/zero.c': 'char zero[4096];\nchar *use(void) { return zero; }\n' });
    const { report, image } = await build(made.request(libos, ['plat', 'say']));
    assert.equal(report.measured, 'linked');
    assert.equal(report.image, statSync(image).size);
    const parts = new Map(report.parts.map((part) => [`${part.kind} ${part.name}`, part]));
    assert.deepEqual([...parts.keys()].sort(), [
      'app hello',
      'component plat',
      'component say',
      'generated names',
    ]);
    assert.equal(parts.get('app hello')?.bss, 0, 'nothing reaches zero');
    assert.ok((parts.get('component plat')?.text ?? 0) > 20);
    assert.equal(parts.get('generated names')?.text, 0, 'nothing reaches the names');
  });

  it('leaves debug information out of what parts bring to the image', async () => {
    const textOf = async (...flags: string[]) => {
      const files = { ...hello, 'src/more.c': 'int more(int of) { return of * 3; }\n' };
      const made = app(files, `app: { flags: [${flags.join(', ')}] }\n`);
      const { report } = await build(made.request(libos, ['plat', 'say']));
      return report.parts.find(({ kind }) => kind === 'app')?.text;
    };
    assert.equal(await textOf('-g3'), await textOf('-g0'));
  });

  it('puts the root file system beside the image, and takes it away again', async () => {
    const made = app({ ...hello, 'www/index.html': '<html>' }, 'rootfs: { include: ["www:/srv"] }\n');
    const result = await build(made.request(libos, ['plat', 'say']));
    assert.ok(result.initrd !== undefined);
    const listing = () =>
      execFileSync('cpio', ['-it', '--quiet'], {
        input: readFileSync(result.initrd ?? ''),
        encoding: 'utf8',
      });
    assert.equal(listing(), 'srv\nsrv/index.html\n');
    made.write('www/more.html', '');
    assert.deepEqual(await steps(made), []);
    assert.equal(listing(), 'srv\nsrv/index.html\nsrv/more.html\n');
    const without = testApp(hello);
    await build({ ...made.request(libos, ['plat', 'say']), bunnyfile: without.bunnyfile });
    without.remove();
    assert.ok(!existsSync(result.initrd));
  });

  it('takes sources by pattern and by name, flags, defines, include directories', async () => {
    const made = app(
      {
        'Main.c': '#include <inc.h>\nint main(void) { return VALUE + EXTRA + INC; }\n',
        'include/inc.h': '#define INC 4\n',
        'README.md': 'no source',
      },
      'app: { include: [include], defines: { VALUE: 1 }, flags: -DEXTRA=2 }\n',
    );
    assert.equal(run(await build(made.request(libos, ['plat']))).status, 7);
    const named = app({ 'a.c': 'int main(void) { return 9; }\n', 'b.c': 'bad' }, 'app: { sources: [a.c] }\n');
    assert.equal(run(await build(named.request(libos, ['plat']))).status, 9);
  });

  it('asks for each layer once and by digest alone, and for none when the store has them', async () => {
    const text = `int fresh_${process.pid}_${Date.now()};\n`;
    await libos.add('fresh', '1.0.0', { 'objects/fresh.c': text });
    const asked: string[] = [];
    const counting = new Proxy(libos.layout, {
      get: (layout, key) => {
        const value: unknown = Reflect.get(layout, key);
        if (typeof value !== 'function') return value;
        return (...words: unknown[]) => {
          asked.push(String(key));
          return Reflect.apply(value, layout, words) as unknown;
        };
      },
    }) as Target;
    const made = app(hello);
    const request = made.request(libos, ['plat', 'say', 'fresh'], { sources: () => [counting] });
    await build(request);
    assert.deepEqual(asked, ['fetch']);
    await build(request);
    assert.deepEqual(asked, ['fetch']);
    await build({ ...request, sources: () => [] });
  });

  it('gives the plan without running anything', async () => {
    const made = app(hello);
    const { plan } = await prepareBuild(made.request(libos, ['plat', 'say']));
    assert.deepEqual(
      plan.steps.map(({ kind, description }) => `${kind}: ${description}`),
      [
        ...['compile: compile src/main.c', 'generate: generate names.c', 'compile: compile names.c'],
        ...['link: link hello', 'post-link: strip hello'],
      ],
    );
    assert.deepEqual(JSON.parse(JSON.stringify(plan)), plan);
    assert.deepEqual(readdirSync(made.directory).sort(), ['Bunnyfile', 'src']);
    assert.deepEqual(
      plan.objects.map(({ path }) => path),
      [
        ...['/work/app/src/main.c.o', '/closure/plat/objects/plat.c.o', '/closure/plat/objects/start.S.o'],
        ...['/closure/say/objects/say.c.o', '/work/generated/names.c.o'],
      ],
    );
  });

  it('goes on where a cancelled build stopped', async () => {
    const made = app(hello);
    const cancel = new AbortController();
    const request = made.request(libos, ['plat', 'say'], {
      signal: cancel.signal,
      onProgress: () => cancel.abort(),
    });
    await assert.rejects(build(request), { code: 'BUNNY_ECANCELLED' });
    assert.ok(!existsSync(join(made.directory, 'build')));
    assert.match(run(await build(made.request(libos, ['plat', 'say']))).stdout, /^Hello from small\n/);
  });

  it('builds once where the same is asked for several times at once', async () => {
    const made = app(hello);
    const results = await Promise.all([1, 2, 3].map(() => build(made.request(libos, ['plat', 'say']))));
    assert.deepEqual(results.map(({ ran }) => ran).sort(), [0, 0, 5]);
  });

  it('packages a prebuilt kernel as it is', async () => {
    const made = app({ 'kernel.bin': 'kernel' }, 'kernel: { path: kernel.bin }\n');
    const { bunnyfile, directory } = made;
    const result = await packageKernel({ bunnyfile, directory, arch: 'amd64', platform: 'qemu' });
    assert.equal(result.image, join(directory, 'build', 'hello-amd64-qemu'));
    assert.equal(readFileSync(result.image, 'utf8'), 'kernel');
    const none = app({}, 'kernel: { path: none.bin }\n');
    await assert.rejects(
      packageKernel({
        bunnyfile: none.bunnyfile,
        directory: none.directory,
        arch: 'amd64',
        platform: 'qemu',
      }),
      { code: 'BUNNY_EKERNEL' },
    );
  });
});
