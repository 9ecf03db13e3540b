import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { bunny, bunnyDone, bunnyError, bunnyJson } from 'bunny-libos-testing/command/bunny.js';
import { edit, writeFiles } from 'bunny-libos-testing/files/documents.js';
import { temporaryDirectory } from 'bunny-libos-testing/files/temporary.js';
import { type Linux, linux } from 'bunny-libos-testing/frameworks/linux.js';
import { warrenTimeout } from 'bunny-libos-testing/frameworks/warren.js';

const main = `#include <stdio.h>
#include <stdlib.h>
int main(int argc, char **argv) {
  for (int i = 1; i < argc; i++) printf("[%s]\\n", argv[i]);
  FILE *file = fopen("/etc/greeting", "r");
  char line[64];
  if (file != NULL && fgets(line, sizeof line, file)) printf("%s", line);
  return argc > 1 ? atoi(argv[1]) : 0;
}
`;

describe('the framework linux: a kernel of Debian with the app as its only program', function () {
  this.timeout(120_000);
  let system: Linux;
  let app: string;

  before(async function () {
    this.timeout(warrenTimeout);
    system = await linux();
    app = await temporaryDirectory('linux-app');
    await writeFiles(app, {
      Bunnyfile: `version: v0.1
name: app
platforms: { framework: linux }
registries: ['${system.registry}']
app: { sources: [main.c] }
rootfs: { include: ['greeting:/etc/greeting'] }
targets: [amd64/qemu]
`,
      'main.c': main,
      greeting: 'hello from the root\n',
    });
  });

  it('boots, runs the app as the child of a component, and gives the status of the app', async () => {
    const { store } = system;
    const { status, stdout, stderr } = await bunny(['run', '--timeout', '90', '--', '7', 'two'], {
      cwd: app,
      store,
    });
    assert.equal(stdout, '[7]\n[two]\nhello from the root\n', stderr);
    assert.equal(status, 7);
  });

  it('is a kernel beside an archive of files of components, of the Bunnyfile, and of the app', async () => {
    const { store } = system;
    const built = await bunnyJson<{ image: string; initrd: string; record: string; ran: number }>(['build'], {
      cwd: app,
      store,
    });
    assert.equal(built.ran, 0);
    const place = await temporaryDirectory('linux-root');
    await mkdir(join(place, 'root'));
    await promisify(execFile)('sh', ['-c', `cd root && cpio -id --quiet < '${join(app, built.initrd)}'`], {
      cwd: place,
    });
    const { stdout } = await promisify(execFile)('find', ['.', '-type', 'f', '-perm', '-100'], {
      cwd: join(place, 'root'),
    });
    assert.deepEqual(stdout.trim().split('\n').sort(), ['./init']);
    assert.equal(await readFile(join(place, 'root/etc/greeting'), 'utf8'), 'hello from the root\n');
    const { stdout: kind } = await promisify(execFile)('head', ['-c', '2', built.image], { cwd: app });
    assert.equal(kind, 'MZ');
    const record = JSON.parse(await readFile(join(app, built.record), 'utf8'));
    const inputs = record.inputs.map(({ path }: { path: string }) => path);
    for (const path of ['main.c', 'rootfs/init', 'rootfs/lib/modules/order', 'rootfs/etc/greeting'])
      assert.ok(inputs.includes(path));
  });

  it('has the same bytes on another machine, and is packed anew where the app is another', async () => {
    const { store } = system;
    const other = await temporaryDirectory('linux-again');
    await promisify(execFile)('cp', ['-R', `${app}/.`, other]);
    await promisify(execFile)('rm', ['-r', join(other, 'build')]);
    await bunnyDone(['build', '--frozen'], { cwd: other, store });
    const file = (directory: string) => readFile(join(directory, 'build/app-amd64-qemu.initrd'));
    assert.ok((await file(other)).equals(await file(app)));
    await edit(join(other, 'main.c'), 'atoi(argv[1])', 'atoi(argv[1]) + 1');
    await bunnyDone(['build', '--frozen'], { cwd: other, store });
    assert.ok(!(await file(other)).equals(await file(app)));
  });

  it('boots from an OCI image, of which an app that changes leaves the kernel as it is', async () => {
    const { store } = system;
    const place = await temporaryDirectory('linux-oci');
    await promisify(execFile)('cp', ['-R', `${app}/.`, place]);
    const options = { cwd: place, store };
    const layersOf = async (): Promise<string[]> => {
      await bunnyDone(['build', '--type', 'oci', '-t', 'oci:out:1'], options);
      const { images } = await bunnyJson<{
        images: { layers: { digest: string }[]; annotations: Record<string, string> }[];
      }>(['inspect', 'oci:out:1'], options);
      const [image] = images;
      assert.equal(image?.annotations['com.urunc.unikernel.unikernelType'], 'linux');
      assert.equal(image?.annotations['com.urunc.unikernel.initrd'], '/.boot/rootfs');
      return image?.layers.map(({ digest }) => digest) ?? [];
    };
    const before = await layersOf();
    const words = ['run', 'oci:out:1', '--timeout', '90', '--', '7', 'two'];
    const { status, stdout, stderr } = await bunny(words, options);
    assert.equal(stdout, '[7]\n[two]\nhello from the root\n', stderr);
    assert.equal(status, 7);
    await edit(join(place, 'main.c'), 'atoi(argv[1])', 'atoi(argv[1]) + 1');
    const after = await layersOf();
    assert.deepEqual(
      after.map((digest, index) => digest === before[index]),
      [true, false, true],
    );
  });

  it('says who makes one path twice, and what a ready-made root has no place for', async () => {
    const { store } = system;
    const twice = await temporaryDirectory('linux-twice');
    await promisify(execFile)('cp', ['-R', `${app}/.`, twice]);
    await edit(join(twice, 'Bunnyfile'), 'greeting:/etc/greeting', 'greeting:/init');
    const { code, message } = await bunnyError(['build'], { cwd: twice, store });
    assert.equal(code, 'BUNNY_EROOTFS');
    assert.match(message, /two sources make \/init/);
    await edit(join(twice, 'Bunnyfile'), "include: ['greeting:/init']", 'from: local, path: greeting');
    const ready = await bunnyError(['build'], { cwd: twice, store });
    assert.equal(ready.code, 'BUNNY_EROOTFS');
    assert.match(ready.message, /made already/);
  });
});
