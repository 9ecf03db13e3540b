import assert from 'node:assert/strict';
import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { bunnyDone, bunnyError, bunnyJson } from 'bunny-libos-testing/command/bunny.js';
import { edit, writeComponent } from 'bunny-libos-testing/files/documents.js';
import { temporaryDirectory } from 'bunny-libos-testing/files/temporary.js';
import { copyOfWarren, type Warren, warren, warrenTimeout } from 'bunny-libos-testing/frameworks/warren.js';

describe('what bunny publish takes from a directory', function () {
  this.timeout(60_000);
  let to: Warren;
  let cwd: string;

  before(async function () {
    this.timeout(warrenTimeout);
    await warren();
    to = await copyOfWarren();
    cwd = await temporaryDirectory('components');
  });

  const component = (name: string, lines: readonly string[], files: Readonly<Record<string, string>> = {}) =>
    writeComponent(cwd, name, lines, files);

  /** The refusal of a plan: all this is told before anything is compiled. */
  const refusal = (path: string, ...words: string[]) =>
    bunnyError(['publish', path, '--to', to.registry, '--dry-run', ...words], { cwd, store: to.store });

  it('is every public header, however its directory is written', async () => {
    for (const [name, directory, header] of [
      ['slash', 'include/', 'slash.h'],
      ['step', './include', 'step.h'],
      ['dot', '.', 'include/dot.h'],
    ] as const) {
      await component(name, [], { [`include/${name}.h`]: '' });
      await edit(join(cwd, name, 'component.yaml'), 'include: [include]', `include: [${directory}]`);
      await bunnyDone(['publish', name, '--to', to.registry], { cwd, store: to.store });
      const { stdout } = await bunnyDone(['search', '--header', header, '--from', to.registry], {
        cwd,
        store: to.store,
      });
      assert.match(stdout, new RegExp(`^${name} `, 'm'));
    }
  });

  it('is refused where a directory of headers is missing', async () => {
    await component('noheaders', []);
    await edit(join(cwd, 'noheaders/component.yaml'), 'include: [include]', 'include: [inclde]');
    const error = await refusal('noheaders');
    assert.equal(error.status, 2);
    assert.equal(error.code, 'BUNNY_ESOURCE');
    assert.equal(error.message, 'there is no directory inclde');
    assert.equal(error.hint, 'did you mean include?');
    assert.deepEqual((error.where as { file: string }).file, 'noheaders/component.yaml');
  });

  it('is no symbolic link, wherever it leads, unless it is excluded', async () => {
    await component('linked', []);
    await symlink('/etc/passwd', join(cwd, 'linked/src/link.c'));
    const file = await refusal('linked');
    assert.equal(file.code, 'BUNNY_ESOURCE');
    assert.equal(file.message, 'src/link.c is a symbolic link');
    assert.equal(file.hint, 'put the file itself into the component, or name the link in `exclude`');

    await component('linked', ['exclude: [src/link.c]']);
    await symlink('src', join(cwd, 'linked/more'));
    assert.equal((await refusal('linked')).message, 'more is a symbolic link');

    await component('linked', ['exclude: [src/link.c, more]']);
    await bunnyDone(['publish', 'linked', '--to', to.registry, '--dry-run'], { cwd, store: to.store });
  });

  it('is no file that the layer hash does not know of, though it is embedded and no dependency file names it', async () => {
    const embed = (file: string) =>
      `__asm__(".section .rodata\\n.incbin \\"/src/blob-1.0.0/${file}\\"\\n.text");\nint blob;\n`;
    const publish = ['publish', 'blob', '--to', to.registry];
    const files = { 'data/in.bin': 'known to the hash', 'data/out.bin': 'known to nobody' };
    await component('blob', ['exclude: [data/out.bin]'], { ...files, 'src/code.c': embed('data/out.bin') });
    const error = await bunnyError(publish, { cwd, store: to.store });
    assert.deepEqual([error.code, error.status], ['BUNNY_ECOMPILE', 5]);
    assert.match(error.details.join('\n'), /^blob\/src\/code\.c:.*|file not found: blob\/data\/out\.bin/m);
    await component('blob', ['exclude: [data/out.bin]'], { ...files, 'src/code.c': embed('data/in.bin') });
    await bunnyDone(publish, { cwd, store: to.store });
  });

  it('is one linker script of a name', async () => {
    const scripts = ['scripts: [a/x.ld, b/x.ld]'];
    await component('scripted', scripts, { 'a/x.ld': 'a = 1;\n', 'b/x.ld': 'b = 1;\n' });
    const error = await bunnyError(['publish', 'scripted', '--to', to.registry], { cwd, store: to.store });
    assert.equal(error.code, 'BUNNY_EDUPLICATE');
    assert.equal(error.message, 'two linker scripts are called x.ld');
  });

  it('is refused in the plan already where sources match nothing', async () => {
    await component('nothing', []);
    await edit(join(cwd, 'nothing/component.yaml'), 'src/*.c', 'lib/*.c');
    const error = await refusal('nothing');
    assert.equal(error.code, 'BUNNY_ESOURCE');
    assert.equal(error.message, 'lib/*.c matches no file');
  });

  it('is refused where a condition can never hold', async () => {
    await component('never', ['dependencies: { libc: { version: ^1.0, when: { platfrm: qemu } } }']);
    const error = await refusal('never');
    assert.equal(error.status, 2);
    assert.equal(error.code, 'BUNNY_ESETTING');
    assert.equal(error.hint, 'did you mean "platform"?');
    assert.deepEqual(error.where, { file: 'never/component.yaml', line: 4, column: 48 });
  });

  it('is refused where the matrix or the command line names what no target has', async () => {
    await component('rows', []);
    const file = join(cwd, 'rows/component.yaml');
    await edit(file, 'arch: [amd64]', 'arch: [amd64, sparc]');
    const value = await refusal('rows');
    assert.equal(value.code, 'BUNNY_ESETTING');
    assert.equal(value.message, 'matrix.arch[1]: "sparc" is not one of "amd64", "arm64"');

    await edit(file, 'arch: [amd64, sparc]', 'arch: [arm64], platform: [linuxu]');
    await edit(file, 'affectedBy: [arch]', 'affectedBy: [arch, platform]');
    const pair = await refusal('rows');
    assert.equal(pair.code, 'BUNNY_ETARGET');
    assert.equal(pair.message, 'no target of warren is for a row of this matrix');

    await component('rows', []);
    const arch = await refusal('rows', '--arch', 'riscv64');
    assert.deepEqual([arch.code, arch.status, arch.where], ['BUNNY_ETARGET', 1, '--arch']);
    const platform = await refusal('rows', '--platform', 'qmu');
    assert.equal(platform.message, 'warren has no target for the platform qmu');
    assert.equal(platform.hint, 'did you mean "qemu"?');
  });

  it('says in a plan what it would make, in JSON too', async () => {
    await component('fine', []);
    const { plans } = await bunnyJson<{ plans: { variants: { action: string }[] }[] }>(
      ['publish', 'fine', '--to', to.registry, '--dry-run'],
      { cwd, store: to.store },
    );
    assert.deepEqual(
      plans[0]?.variants.map(({ action }) => action),
      ['build'],
    );
  });
});
