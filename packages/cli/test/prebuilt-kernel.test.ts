import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { access, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { bunny, bunnyDone, bunnyError, bunnyJson } from 'bunny-libos-testing/command/bunny.js';
import { writeFiles } from 'bunny-libos-testing/files/documents.js';
import { temporaryDirectory } from 'bunny-libos-testing/files/temporary.js';

/** The beginning of an ELF file of 64 bits for a machine. */
function elf(machine: number): Buffer {
  const bytes = Buffer.alloc(64);
  bytes.write('\x7fELF\x02\x01\x01', 'latin1');
  bytes.writeUInt16LE(2, 16);
  bytes.writeUInt16LE(machine, 18);
  return bytes;
}

const amd64 = 62;
const arm64 = 183;

describe('a Bunnyfile with a prebuilt kernel', () => {
  const project = async (kernel: Buffer | string, ...lines: string[]): Promise<string> => {
    const directory = await temporaryDirectory('kernel');
    await writeFiles(directory, {
      Bunnyfile: [
        'version: 0.1',
        'name: app',
        'platforms: { framework: unikraft, monitor: qemu }',
        'kernel: { from: local, path: vmlinux }',
        ...lines,
        '',
      ].join('\n'),
    });
    await writeFile(join(directory, 'vmlinux'), kernel);
    return directory;
  };

  it('is packaged under the architecture that the file is for, and the platform that the Bunnyfile names', async () => {
    const cwd = await project(elf(arm64));
    const built = await bunnyJson<{ image: string }>(['build'], { cwd });
    assert.equal(built.image, 'build/app-arm64-qemu');
    assert.deepEqual(await readFile(join(cwd, built.image)), elf(arm64));
    await bunnyDone(['build', '--arch', 'aarch64', '--platform', 'qemu', '--type', 'elf'], { cwd });
    const plan = await bunnyJson(['build', '--dry-run'], { cwd });
    assert.deepEqual(plan, { kernel: 'vmlinux', arch: 'arm64', platform: 'qemu' });
  });

  it('is not packaged as what it is not, nor planned so', async () => {
    const cwd = await project(elf(arm64));
    for (const dry of [[], ['--dry-run']]) {
      const refused = async (...words: string[]) => {
        const { status, code, message } = await bunnyError(['build', ...dry, ...words], { cwd });
        return [status, code, message];
      };
      assert.deepEqual(await refused('--arch', 'amd64'), [
        1,
        'BUNNY_EKERNEL',
        'the kernel is for arm64, not for amd64',
      ]);
      assert.deepEqual(await refused('--platform', 'firecracker'), [
        1,
        'BUNNY_ETARGET',
        'the kernel is for qemu, not for firecracker',
      ]);
      assert.deepEqual(await refused('--type', 'iso'), [
        1,
        'BUNNY_EARTIFACT',
        'a prebuilt kernel is not packaged as iso',
      ]);
    }
    assert.deepEqual((await readdir(cwd)).sort(), ['Bunnyfile', 'vmlinux']);
    const sparc = await bunnyError(['build'], { cwd: await project(elf(43)) });
    assert.equal(sparc.code, 'BUNNY_EKERNEL');
    // A directory or a pipe is no kernel, and is not waited for.
    const pipe = await project('');
    await promisify(execFile)('sh', ['-c', 'rm vmlinux; mkfifo vmlinux'], { cwd: pipe });
    assert.equal((await bunnyError(['build'], { cwd: pipe })).code, 'BUNNY_EKERNEL');
  });

  it('keeps the name that is asked for where nothing in the file says what it is for', async () => {
    const cwd = await project('an image of some kind');
    const { image } = await bunnyJson<{ image: string }>(['build', '--arch', 'riscv64'], { cwd });
    assert.equal(image, 'build/app-riscv64-qemu');
  });

  it('is packaged with a warning where keys do nothing for it, or name another architecture', async () => {
    const cwd = await project(
      elf(amd64),
      'cmdline: --port 80',
      'entrypoint: [/app]',
      'envs: [A=b]',
      'dependencies: { libc: ^1.0 }',
    );
    for (const words of [['build'], ['build', '--dry-run']]) {
      const { stderr } = await bunnyDone(words, { cwd });
      assert.match(stderr, /^warning: Bunnyfile:5:1: cmdline does nothing: /m);
      assert.match(stderr, /^warning: Bunnyfile:6:1: entrypoint does nothing: /m);
      assert.match(stderr, /^warning: Bunnyfile:7:1: envs does nothing: /m);
      assert.match(
        stderr,
        /^warning: Bunnyfile:8:1: dependencies does nothing: a prebuilt kernel needs no layers$/m,
      );
    }
    const other = await project(elf(amd64));
    const file = join(other, 'Bunnyfile');
    const text = await readFile(file, 'utf8');
    await writeFile(file, text.replace('monitor: qemu', 'monitor: qemu, architecture: arm64'));
    const { stderr } = await bunnyDone(['build'], { cwd: other });
    assert.match(stderr, /^warning: Bunnyfile:3:\d+: the kernel is for amd64, not for arm64$/m);
    await access(join(other, 'build/app-amd64-qemu'));
  });

  for (const [command = '', ...words] of [
    ['resolve'],
    ['tree'],
    ['graph'],
    ['fetch'],
    ['outdated'],
    ['update'],
  ]) {
    it(`leaves ${command} nothing to do, which it says, without a registry and a lock`, async () => {
      const cwd = await project(elf(amd64));
      const { stderr } = await bunnyDone([command, ...words], { cwd });
      assert.match(stderr, /nothing: a prebuilt kernel needs no layers$/m);
      assert.deepEqual((await readdir(cwd)).sort(), ['Bunnyfile', 'vmlinux']);
      assert.equal(typeof (await bunnyJson([command, ...words], { cwd })), 'object');
    });
  }

  it('is an OCI image with --type oci, which tells how it starts but not how Bunny boots it', async () => {
    const cwd = await project(elf(amd64), 'cmdline: --port 80', 'envs: [A=b]', 'unknown: 1');
    const words = ['build', '--type', 'oci', '-t', 'oci:out:1.0'];
    const { stderr } = await bunnyDone(words, { cwd });
    assert.match(stderr, /^warning: Bunnyfile:7:1: .*unknown.* means nothing here$/m);
    assert.doesNotMatch(stderr, /does nothing/);
    const { images } = await bunnyJson<{ images: { cmd: string[]; annotations: Record<string, string> }[] }>(
      ['inspect', 'oci:out:1.0'],
      { cwd },
    );
    assert.deepEqual(images[0]?.cmd, ['--port', '80']);
    assert.equal(images[0]?.annotations['com.urunc.unikernel.hypervisor'], 'qemu');
    const { code, message } = await bunnyError(['run', 'oci:out:1.0'], { cwd });
    assert.equal(code, 'BUNNY_EMONITOR');
    assert.match(message, /it has a prebuilt kernel/);
    const containerfile = await project(elf(amd64));
    await writeFile(join(containerfile, 'Bunnyfile'), '#syntax=bunny\nFROM scratch\nCOPY vmlinux /kernel\n');
    const refused = await bunnyError(['build'], { cwd: containerfile });
    assert.deepEqual(
      [refused.code, refused.message],
      ['BUNNY_EYAML', 'this is a Containerfile, not a Bunnyfile'],
    );
  });

  it('takes no dependencies', async () => {
    const cwd = await project(elf(amd64));
    for (const words of [
      ['add', 'libc'],
      ['add', '--auto'],
      ['remove', 'libc'],
    ]) {
      const { status, stderr } = await bunny(words, { cwd });
      assert.equal(status, 2);
      assert.match(stderr, /^error\[BUNNY_EEDIT\]: a prebuilt kernel needs no layers/m);
    }
  });
});
