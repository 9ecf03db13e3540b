import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { chmod, cp, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bunny, bunnyDone, bunnyJson } from 'bunny-libos-testing/command/bunny.js';
import { edit, writeFiles } from 'bunny-libos-testing/files/documents.js';
import { temporaryDirectory } from 'bunny-libos-testing/files/temporary.js';
import {
  copyOfApp,
  filesBelow,
  freshStore,
  warren,
  warrenTimeout,
} from 'bunny-libos-testing/frameworks/warren.js';

/** What `bunny build --json` prints. */
interface Built {
  name: string;
  arch: string;
  platform: string;
  image: string;
  initrd?: string;
  record: string;
  sizes: string;
  report: {
    image: number;
    measured: string;
    parts: { kind: string; name: string; version?: string; text: number; data: number; bss: number }[];
  };
  /** Steps that were run. */
  ran: number;
}

const targets = [
  { arch: 'amd64', platform: 'qemu', machine: 0x3e },
  { arch: 'arm64', platform: 'qemu', machine: 0xb7 },
  { arch: 'amd64', platform: 'linuxu', machine: 0x3e },
];

describe('bunny build', function () {
  this.timeout(60_000);
  before(async function () {
    this.timeout(warrenTimeout);
    await warren();
  });

  const build = async (cwd: string, ...words: string[]) => {
    const { registry, store } = await warren();
    return await bunnyJson<Built>(['build', '--from', registry, ...words], { cwd, store });
  };

  describe('makes an image that its monitor takes', () => {
    for (const { arch, platform, machine } of targets) {
      it(`for ${arch}/${platform}`, async () => {
        const cwd = await copyOfApp('hello');
        const built = await build(cwd, '--arch', arch, '--platform', platform);
        assert.deepEqual([built.name, built.arch, built.platform], ['hello', arch, platform]);
        assert.equal(built.image, `build/hello-${arch}-${platform}`);
        const image = await readFile(join(cwd, built.image));
        assert.equal(image.length, built.report.image);
        // arm64 boots from a flat Image, the others from ELF files.
        if (arch === 'arm64') assert.equal(image.toString('latin1', 56, 60), 'ARMd');
        else assert.deepEqual([image.toString('latin1', 1, 4), image.readUInt16LE(18)], ['ELF', machine]);
      });
    }
  });

  it('compiles several files in C and assembly, with include directories and macros of the app', async () => {
    const cwd = await temporaryDirectory('app');
    await writeFiles(cwd, {
      Bunnyfile: [
        'version: v0.1',
        'name: mixed',
        'platforms: { framework: warren, monitor: linuxu, architecture: amd64 }',
        'app: { include: [api, private], defines: { ANSWER: 42, NAME: \'"Bunny"\' }, flags: [-DEXTRA=1] }',
        'dependencies: { libc: ^1.0 }',
        '',
      ].join('\n'),
      'src/main.c':
        '#include <stdio.h>\n#include <twice.h>\n#include "local.h"\nint main(void) { printf("%s %d %d\\n", NAME, twice(ANSWER), EXTRA + LOCAL); return 0; }\n',
      'src/deep/unused.c': 'int unused_function(void) { return 1; }\n',
      'src/local.h': '#define LOCAL 1\n',
      'src/twice.S': '#include <value.h>\n.globl twice\ntwice:\n\tlea (%rdi,%rdi), %eax\n\tret\n',
      'api/twice.h': 'int twice(int);\n',
      'private/value.h': '#define VALUE 1\n',
    });
    const { registry, store } = await warren();
    const { stdout, stderr } = await bunny(['run', '--from', registry, '--quiet'], { cwd, store });
    assert.equal(stdout, 'Bunny 84 2\n', stderr);
  });

  describe('with nothing changed', () => {
    it('runs no compiler and writes nothing', async () => {
      const cwd = await copyOfApp('files');
      const first = await build(cwd, '--platform', 'linuxu');
      assert.ok(first.ran > 0);
      const times = async () =>
        await Promise.all(
          [first.image, first.record, first.sizes, String(first.initrd)].map(
            async (file) => (await stat(join(cwd, file))).mtimeMs,
          ),
        );
      const before = await times();
      const second = await build(cwd, '--platform', 'linuxu');
      assert.equal(second.ran, 0);
      assert.deepEqual(await times(), before);
      assert.deepEqual(second.report, first.report);
      const { stderr } = await bunnyDone(['build', '--platform', 'linuxu'], {
        cwd,
        store: (await warren()).store,
      });
      assert.match(stderr, /Built build\/files-amd64-linuxu \(\S+ kB\) in \S+ s, nothing had changed/);
    });

    it('compiles one file and links after a change of one line', async () => {
      const cwd = await copyOfApp('files');
      await build(cwd, '--platform', 'linuxu');
      await edit(join(cwd, 'src/tree.c'), '#include', '/* another line */\n#include');
      assert.ok(
        (await build(cwd, '--platform', 'linuxu')).ran <= 2,
        'one compiler, and the linker if need be',
      );
      await edit(join(cwd, 'include/files/tree.h'), '#include', '#define CHANGED 1\n#include').catch(() =>
        edit(join(cwd, 'include/files/tree.h'), '\n', '\n#define CHANGED 1\n'),
      );
      const { ran } = await build(cwd, '--platform', 'linuxu');
      assert.ok(ran >= 2 && ran <= 3, `the two files that include the header, not the assembly: ${ran}`);
    });

    it('compiles anew what embeds a file that was changed, which no dependency file names', async () => {
      const cwd = await temporaryDirectory('app');
      await writeFiles(cwd, {
        Bunnyfile: [
          'version: v0.1',
          'name: embed',
          'platforms: { framework: warren, monitor: linuxu, architecture: amd64 }',
          'app: { include: [data] }',
          'dependencies: { libc: ^1.0 }',
          '',
        ].join('\n'),
        'src/main.c':
          '#include <stdio.h>\n#include "embed.h"\nEMBED(inner, "inner.bin")\nextern const char outer[];\n' +
          'int main(void) { printf("%s %s\\n", outer, inner); return 0; }\n',
        'src/outer.S': '.section .rodata\n.globl outer\nouter:\n\t.incbin "data/outer.bin"\n\t.byte 0\n',
        'src/embed.h':
          '#define EMBED(name, file) \\\n' +
          '  __asm__(".section .rodata\\n.globl " #name "\\n" #name ":\\n.incbin \\"src/" file "\\"\\n.byte 0\\n.text"); \\\n' +
          '  extern const char name[];\n',
        'src/inner.bin': 'inner',
        'data/outer.bin': 'outer',
      });
      const { registry, store } = await warren();
      const options = { cwd, store };
      const says = async () =>
        (await bunnyDone(['run', '--from', registry, '--quiet'], options)).stdout.trimEnd();
      assert.equal(await says(), 'outer inner');
      await writeFile(join(cwd, 'data/outer.bin'), 'other');
      assert.equal(await says(), 'other inner');
      await writeFile(join(cwd, 'src/inner.bin'), 'again');
      assert.equal(await says(), 'other again');
      const { ran, record } = await build(cwd, '--platform', 'linuxu');
      assert.equal(ran, 0, 'nothing was changed since');
      const written = await readFile(join(cwd, record), 'utf8');
      for (const path of ['data/outer.bin', 'src/inner.bin']) assert.ok(written.includes(path), written);
    });

    it('links anew, compiling nothing of the app, after a change of an option', async () => {
      const cwd = await copyOfApp('hello');
      await build(cwd, '--platform', 'linuxu');
      await edit(join(cwd, 'Bunnyfile'), 'targets:', 'options: { main: { log: 1 } }\ntargets:');
      const { ran } = await build(cwd, '--platform', 'linuxu');
      assert.ok(ran > 0);
    });
  });

  it('prints how much each component brings, and writes it beside the image', async () => {
    const cwd = await copyOfApp('hello');
    const { registry, store } = await warren();
    const { stdout } = await bunnyDone(['build', '--from', registry, '--platform', 'linuxu'], { cwd, store });
    const lines = stdout.trimEnd().split('\n');
    assert.match(lines[0] ?? '', /^LINKED +TEXT +DATA +BSS$/);
    for (const part of [
      /^libc 1\.0\.0 +\d+ +\d+ +\d+$/,
      /^hello \(app\) +\d+/,
      /^components \(generated\) +\d+/,
    ]) {
      assert.ok(
        lines.some((line) => part.test(line)),
        String(part),
      );
    }
    const sizes = JSON.parse(
      await readFile(join(cwd, 'build/hello-amd64-linuxu.sizes.json'), 'utf8'),
    ) as Built['report'];
    assert.equal(sizes.measured, 'linked');
    const [libc] = sizes.parts.filter(({ name }) => name === 'libc');
    assert.ok(libc !== undefined && libc.text > 1000 && libc.version === '1.0.0');
    const total = sizes.parts.reduce((sum, { text, data }) => sum + text + data, 0);
    assert.ok(total > 0 && total < sizes.image, `${total} of ${sizes.image}`);
  });

  it('records every input, by digest, and every command', async () => {
    const cwd = await copyOfApp('files');
    const { record, image } = await build(cwd, '--platform', 'linuxu');
    const lock = JSON.parse(await readFile(join(cwd, 'bunny.lock'), 'utf8'));
    const target = lock.targets.find(({ platform }: { platform: string }) => platform === 'linuxu');
    const text = await readFile(join(cwd, record), 'utf8');
    const written = JSON.parse(text);
    assert.equal(written.tooling.digest, target.tooling.digest);
    assert.deepEqual(
      written.components.map(({ name, manifest }: { name: string; manifest: string }) => [name, manifest]),
      target.components.map(({ name, digest }: { name: string; digest: string }) => [name, digest]),
    );
    assert.deepEqual(
      written.inputs.map(({ path }: { path: string }) => path),
      [
        'include/files/checksum.h',
        'include/files/tree.h',
        'src/checksum.S',
        'src/main.c',
        'src/tree.c',
        'rootfs/etc/motd',
        'rootfs/usr/share/words',
      ],
    );
    const kinds = written.steps.map(({ kind }: { kind: string }) => kind);
    assert.ok(kinds.includes('compile') && kinds.includes('link'));
    const digest = `sha256:${createHash('sha256')
      .update(await readFile(join(cwd, image)))
      .digest('hex')}`;
    assert.equal(written.outputs['files-amd64-linuxu'], digest);
    assert.ok(!text.includes(cwd), 'no path of this machine');
  });

  it('packs rootfs into an initrd, and again when a file of it changes', async () => {
    const cwd = await copyOfApp('files');
    const { initrd = '' } = await build(cwd, '--platform', 'linuxu');
    const before = await readFile(join(cwd, initrd));
    assert.equal(before.toString('latin1', 0, 6), '070701');
    assert.ok(before.includes('etc/motd') && before.includes('usr/share/words'));
    await writeFiles(cwd, { 'rootfs/motd': 'changed\n' });
    const { ran } = await build(cwd, '--platform', 'linuxu');
    assert.equal(ran, 0, 'nothing is compiled for it');
    assert.ok((await readFile(join(cwd, initrd))).includes('changed\n'));
  });

  it('warns of a root file system that nothing in the closure reads', async () => {
    const { registry, store } = await warren();
    const cwd = await copyOfApp('hello');
    const bunnyfile = join(cwd, 'Bunnyfile');
    await writeFile(bunnyfile, `${await readFile(bunnyfile, 'utf8')}rootfs: { include: ['src:/src'] }\n`);
    const warning =
      /^warning: Bunnyfile:\d+:1: nothing in the closure reads the root file system: add initrd to the dependencies$/m;
    for (const more of [[], ['--dry-run']]) {
      const { stderr } = await bunnyDone(['build', '--from', registry, ...more], { cwd, store });
      assert.match(stderr, warning);
    }
    await edit(bunnyfile, 'libc: ^1.0', 'libc: ^1.0, initrd: ^1.1');
    const { stderr } = await bunnyDone(['build', '--from', registry], { cwd, store });
    assert.doesNotMatch(stderr, /warning/);
  });

  it('writes where -o says', async () => {
    const cwd = await copyOfApp('hello');
    const out = join(await temporaryDirectory('out'), 'deep', 'image.elf');
    const { image } = await build(cwd, '--platform', 'linuxu', '-o', out);
    assert.equal(image, out);
    assert.equal((await readFile(out)).toString('latin1', 1, 4), 'ELF');
    assert.ok(((await stat(out)).mode & 0o111) !== 0, 'it can be executed');
  });

  it('takes the Bunnyfile that -f names, from anywhere', async () => {
    const app = await copyOfApp('hello');
    const { registry, store } = await warren();
    for (const file of [app, join(app, 'Bunnyfile')]) {
      const words = ['build', '-f', file, '--from', registry, '--platform', 'linuxu'];
      const { image } = await bunnyJson<Built>(words, { store });
      assert.equal(join('/', image), join(app, 'build/hello-amd64-linuxu'));
    }
  });

  it('writes neither lock nor Bunnyfile with --dry-run, and locks all targets without it', async () => {
    const cwd = await copyOfApp('hello');
    const { registry, store } = await warren();
    const text = await readFile(join(cwd, 'Bunnyfile'), 'utf8');
    const words = ['build', '--from', registry, '--platform', 'linuxu'];
    const files = await filesBelow(cwd);
    await bunnyDone([...words, '--dry-run'], { cwd, store });
    assert.deepEqual(await filesBelow(cwd), files);
    const auto = text.replace(/^dependencies: .*$/m, 'dependencies: auto');
    assert.notEqual(auto, text);
    await writeFile(join(cwd, 'Bunnyfile'), `${auto}envs: [A=1]\n`);
    const { stdout, stderr } = await bunnyDone([...words, '--dry-run'], { cwd, store });
    assert.match(stdout, /^compile src\/main\.c$/m);
    assert.match(stderr, /^warning: Bunnyfile:\d+:1: envs does nothing: no image is given an environment$/m);
    assert.deepEqual(await filesBelow(cwd), files);
    assert.equal(await readFile(join(cwd, 'Bunnyfile'), 'utf8'), `${auto}envs: [A=1]\n`);

    await writeFile(join(cwd, 'Bunnyfile'), text);
    await bunnyDone(words, { cwd, store });
    await bunnyDone(['resolve', '--frozen', '--from', registry], { cwd, store });
  });

  it('prints with --dry-run what it would run, and makes nothing', async () => {
    const cwd = await copyOfApp('hello');
    const { registry, store } = await warren();
    const words = ['build', '--from', registry, '--platform', 'linuxu', '--dry-run'];
    const { stdout } = await bunnyDone(words, { cwd, store });
    assert.match(stdout, /^compile src\/main\.c\n {2}x86_64-linux-gnu-gcc-12 .* -c src\/main\.c -o \S+$/m);
    assert.match(stdout, /^link hello\n {2}x86_64-linux-gnu-ld .*-dT \S+amd64\.lds -T \S+init\.lds/m);
    await assert.rejects(stat(join(cwd, 'build')));
    const plan = await bunnyJson<{ steps: { kind: string; command: string[] }[] }>(words, { cwd, store });
    assert.deepEqual(
      plan.steps.map(({ kind }) => kind).filter((kind) => kind === 'link'),
      ['link'],
    );
  });

  describe('gives the same bytes', () => {
    it('from one lock, in two clones in different directories with different stores', async () => {
      const { registry } = await warren();
      const [first, second] = [
        await copyOfApp('files'),
        join(await temporaryDirectory('clone of'), 'an app'),
      ];
      const words = ['build', '--from', registry, '--json'];
      const here = await bunnyDone(['resolve', '--from', registry, '--quiet'], {
        cwd: first,
        store: (await warren()).store,
      });
      assert.equal(here.status, 0);
      await cp(first, second, { recursive: true });
      await chmod(join(second, 'src/main.c'), 0o600);
      const fresh = await freshStore();
      for (const { arch, platform } of targets) {
        const target = ['--arch', arch, '--platform', platform, '--frozen'];
        const a = JSON.parse(
          (await bunnyDone([...words, ...target], { cwd: first, store: (await warren()).store })).stdout,
        ) as Built;
        const b = JSON.parse(
          (
            await bunnyDone([...words, ...target, '-f', second, '--jobs', '1'], {
              store: fresh,
              env: { TZ: 'Asia/Tokyo', LC_ALL: 'tr_TR.UTF-8' },
              through: ['sh', '-c', 'umask 077; exec "$@"', 'sh'],
            })
          ).stdout,
        ) as Built;
        for (const file of ['image', 'initrd', 'record', 'sizes'] as const) {
          assert.deepEqual(
            await readFile(join('/', b[file] ?? '')),
            await readFile(join(first, a[file] ?? '')),
            `${file} for ${arch}/${platform}`,
          );
        }
      }
    });
  });

  describe('--offline', () => {
    it('builds from a store that has what the lock pins, and says what is missing otherwise', async () => {
      const { registry, store } = await warren();
      const cwd = await copyOfApp('hello');
      const words = ['build', '--platform', 'linuxu', '--offline'];
      await bunnyDone(['resolve', '--from', registry, '--quiet'], { cwd, store });
      await build(cwd, '--platform', 'linuxu');
      assert.equal((await bunnyJson<Built>(words, { cwd, store })).ran, 0);
      const { status, stderr } = await bunny(words, {
        cwd,
        store: join(await temporaryDirectory('store'), 'empty'),
      });
      assert.equal(status, 3);
      assert.match(stderr, /^error\[BUNNY_EOFFLINE\]: /m);
      assert.match(stderr, /help: run `bunny fetch` where there is a network, or leave --offline out/);
    });
  });

  it('leaves one image when the same is built several times at once', async () => {
    const cwd = await copyOfApp('hello');
    const { registry, store } = await warren();
    const words = ['build', '--from', registry, '--platform', 'linuxu', '--quiet'];
    const ended = await Promise.all([1, 2, 3].map(() => bunny(words, { cwd, store })));
    assert.deepEqual(
      ended.map(({ stderr }) => stderr),
      ['', '', ''],
    );
    assert.ok(ended.every(({ status }) => status === 0));
  });
});
