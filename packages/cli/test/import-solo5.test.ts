import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, symlink, truncate, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bunny, bunnyDone, bunnyError, bunnyJson } from 'bunny-libos-testing/command/bunny.js';
import { edit, writeFiles } from 'bunny-libos-testing/files/documents.js';
import { temporaryDirectory } from 'bunny-libos-testing/files/temporary.js';
import {
  compileBindings,
  solo5Prefix,
  triple,
  wrapper,
} from 'bunny-libos-testing/frameworks/solo5-prefix.js';
import { filesBelow, type Warren, warren, warrenTimeout } from 'bunny-libos-testing/frameworks/warren.js';

/** A real installation, where there is one. */
const real = process.env.BUNNY_TEST_SOLO5;

const app = `#include <solo5.h>
#include <stddef.h>
int solo5_app_main(const struct solo5_start_info *info)
{
	size_t size = 0;
	while (info->cmdline[size])
		size++;
	solo5_console_write("[", 1);
	solo5_console_write(info->cmdline, size);
	solo5_console_write("]\\n", 2);
	return size == 3 ? 7 : SOLO5_EXIT_SUCCESS;
}
`;

describe('bunny import solo5', function () {
  this.timeout(warrenTimeout);
  let libos: Warren;
  let root: string;

  before(async () => {
    libos = await warren();
    root = `oci:${libos.directory}:warren/tooling:1.0.0`;
  });

  /** Imports a prefix, publishes that, and makes a first app. */
  async function firstApp(prefix: string): Promise<{ app: string; store: string }> {
    const { store } = libos;
    const cwd = await temporaryDirectory('solo5-app');
    await bunnyDone(['import', 'solo5', prefix, '--out', 'libos', '--root', root], { cwd });
    await bunnyDone(['publish', 'libos', '--to', 'oci:registry'], { cwd, store });
    await bunnyDone(['init', 'app', '--framework', 'solo5', '--from', 'oci:registry'], { cwd, store });
    return { app: join(cwd, 'app'), store };
  }

  it('makes what an app builds against and boots with the tender', async () => {
    const prefix = await solo5Prefix();
    const env = { PATH: `${prefix}/tender:${process.env.PATH}` };
    const { app: cwd, store } = await firstApp(prefix);
    const first = await bunnyDone(['run'], { cwd, store, env });
    assert.equal(first.stdout, 'Hello from app\n');
    await writeFile(join(cwd, 'main.c'), app);
    const second = await bunny(['run', '--', 'a', 'b'], { cwd, store, env });
    assert.deepEqual([second.stdout, second.status], ['[a b]\n', 7]);
    await edit(join(cwd, 'Bunnyfile'), ', manifest.json', '');
    const bare = await bunnyError(['build'], { cwd, store });
    assert.match(bare.message, /__solo5_mft1_note/);
  });

  it('writes the same for the same, and runs nothing', async () => {
    const prefix = await solo5Prefix();
    const cwd = await temporaryDirectory('solo5-import');
    const mark = join(cwd, 'was-run');
    const imported = await bunnyJson<{ targets: string[]; leftOut: string[]; version: string }>(
      ['import', 'solo5', prefix, '--out', 'one'],
      { cwd, env: { MARK: mark, PATH: `${prefix}/bin:${process.env.PATH}` } },
    );
    assert.deepEqual(imported.targets, ['amd64/hvt', 'amd64/spt']);
    assert.deepEqual(imported.leftOut, ['x86_64/muen']);
    assert.equal(imported.version, '0.9.1');
    await bunnyDone(['import', 'solo5', prefix, '--out', 'two'], {
      cwd,
      through: ['sh', '-c', 'umask 077; exec "$@"', 'sh'],
    });
    execFileSync('diff', ['-r', 'one', 'two'], { cwd });
    const modes = (tree: string) =>
      execFileSync('find', ['.', '-printf', '%m %p\n'], { cwd: join(cwd, tree) });
    assert.equal(String(modes('one')), String(modes('two')));
    assert.equal(existsSync(mark), false);
    const files = await filesBelow(join(cwd, 'one'));
    assert.ok(files.includes('tooling/make-root') && !files.some((path) => /xen|muen|stub/.test(path)));
    const rules = await readFile(join(cwd, 'one/tooling/tooling.yaml'), 'utf8');
    assert.match(rules, /command: solo5-hvt --mem=\$memory \$image$/m);
    assert.match(rules, /-nostdinc -mno-red-zone -ffreestanding -isystem\s+\/usr\/lib\/solo5\/x86_64-/);
  });

  const refusals: [name: string, spoil: (prefix: string) => unknown, code: string, message: RegExp][] = [
    [
      'a directory that is none',
      (prefix) => rm(join(prefix, 'lib'), { recursive: true }),
      'BUNNY_EIMPORT',
      /no toolchain/,
    ],
    [
      'one of before 0.7',
      async (prefix) => {
        await rm(join(prefix, 'lib'), { recursive: true });
        await writeFiles(prefix, { 'lib/pkgconfig/solo5-bindings-hvt.pc': '' });
      },
      'BUNNY_EIMPORT',
      /before 0\.7/,
    ],
    [
      'one without a script',
      (prefix) => unlink(join(prefix, `lib/${triple}/solo5_spt.lds`)),
      'BUNNY_EIMPORT',
      /solo5_spt\.lds/,
    ],
    [
      'one without elftool',
      (prefix) => unlink(join(prefix, 'bin/solo5-elftool')),
      'BUNNY_EIMPORT',
      /elftool/,
    ],
    [
      'one without headers',
      (prefix) => rm(join(prefix, 'include/solo5'), { recursive: true }),
      'BUNNY_EIMPORT',
      /include\/solo5/,
    ],
    [
      'one of two versions',
      async (prefix) => {
        await edit(join(prefix, 'source/bindings.c'), 'v0.9.1', 'v0.9.2');
        compileBindings(prefix, 'hvt');
      },
      'BUNNY_EIMPORT',
      /several versions/,
    ],
    [
      'bindings without a version',
      async (prefix) => {
        await edit(join(prefix, 'source/bindings.c'), 'v0.9.1', 'none');
        compileBindings(prefix, 'hvt');
      },
      'BUNNY_EIMPORT',
      /do not say their version/,
    ],
    [
      'a wrapper that does more',
      (prefix) => writeFile(join(prefix, `bin/${triple}-cc`), wrapper.replace('-mno-red-zone', '$(id)')),
      'BUNNY_EIMPORT',
      /\$\(id\)/,
    ],
    [
      'a link in the place of bindings',
      async (prefix) => {
        await unlink(join(prefix, `lib/${triple}/solo5_spt.o`));
        await symlink('/etc/passwd', join(prefix, `lib/${triple}/solo5_spt.o`));
      },
      'BUNNY_EPATH',
      /link/,
    ],
    [
      'a link in the place of a directory',
      async (prefix) => {
        await rm(join(prefix, 'bin'), { recursive: true });
        await symlink('/usr/bin', join(prefix, 'bin'));
      },
      'BUNNY_EPATH',
      /link/,
    ],
    [
      'a pipe in the place of a header',
      (prefix) => execFileSync('mkfifo', [join(prefix, 'include/solo5/pipe.h')]),
      'BUNNY_ENOFILE',
      /not a regular file/,
    ],
    [
      'a file beyond measure',
      (prefix) => truncate(join(prefix, 'bin/solo5-elftool'), 2 ** 40),
      'BUNNY_ELIMIT',
      /larger/,
    ],
  ];
  for (const [name, spoil, code, message] of refusals) {
    it(`refuses ${name}, and leaves nothing behind`, async () => {
      const prefix = await solo5Prefix();
      const cwd = await temporaryDirectory('solo5-import');
      await spoil(prefix);
      const error = await bunnyError(['import', 'solo5', prefix, '--out', 'out'], { cwd });
      assert.equal(error.code, code);
      assert.match(error.message, message);
      assert.equal(error.status, 2);
      assert.deepEqual(await filesBelow(cwd), []);
    });
  }

  it('writes over nothing', async () => {
    const prefix = await solo5Prefix();
    const cwd = await temporaryDirectory('solo5-import');
    await writeFiles(cwd, { 'out/mine': 'mine' });
    const error = await bunnyError(['import', 'solo5', prefix, '--out', 'out'], { cwd });
    assert.equal(error.code, 'BUNNY_EEXISTS');
    assert.deepEqual(await filesBelow(cwd), ['out/mine']);
    await mkdir(join(cwd, 'empty'));
    await bunnyDone(['import', 'solo5', prefix, '--out', 'empty'], { cwd });
  });

  it('takes a real one, where BUNNY_TEST_SOLO5 names it', async function () {
    if (real === undefined) return this.skip();
    const env = { PATH: `${real}/bin:${process.env.PATH}` };
    const { app: cwd, store } = await firstApp(real);
    for (const platform of ['spt', 'virtio']) {
      const { stdout } = await bunnyDone(['run', '--platform', platform], { cwd, store, env });
      assert.match(stdout, /Hello from app\r?\n/);
    }
    await bunnyDone(['build', '--platform', 'hvt'], { cwd, store });
    await writeFile(join(cwd, 'main.c'), app);
    const { stdout, status } = await bunny(['run', '--', 'a', 'b'], { cwd, store, env });
    assert.match(stdout, /\[a b\]\n/);
    assert.equal(status, 7);
  });
});
