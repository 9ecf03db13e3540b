import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { BunnyError } from 'bunny-libos-spec';
import {
  hello,
  type SmallLibos,
  smallLibos,
  type TestApp,
  testApp,
} from 'bunny-libos-testing/frameworks/small.js';
import { repositoryFile } from 'bunny-libos-testing/repository.js';
import { build } from '../src/build.js';
import { prepareBuild } from '../src/plan/prepare.js';

describe('a build that cannot succeed', function () {
  this.timeout(300_000);
  let libos: SmallLibos;
  const apps: TestApp[] = [];
  const app = (...words: Parameters<typeof testApp>): TestApp => {
    const made = testApp(...words);
    apps.push(made);
    return made;
  };

  before(async () => {
    libos = await smallLibos();
  });
  after(() => libos.remove());
  afterEach(() => {
    for (const made of apps.splice(0)) made.remove();
  });

  it('says which source, directory or language is missing, with its place', async () => {
    const fails = async (files: Record<string, string>, bunnyfile: string, code: string, line: number) => {
      const made = app(files, bunnyfile);
      await assert.rejects(build(made.request(libos, ['plat'])), (error: BunnyError) => {
        assert.equal(error.code, code);
        assert.equal(error.exitStatus, 2);
        assert.ok(typeof error.where === 'object');
        assert.equal(error.where.file, join(made.directory, 'Bunnyfile'));
        assert.equal(error.where.line, line);
        return true;
      });
    };
    const main = { 'main.c': 'int main(void) { return 0; }\n' };
    await fails(main, 'app: { sources: [main.c, other.c] }\n', 'BUNNY_ESOURCE', 4);
    await fails(main, 'app: { sources: ["lib/*.c"] }\n', 'BUNNY_ESOURCE', 4);
    await fails(main, 'app:\n  sources: [main.c]\n  include: [inc]\n', 'BUNNY_ESOURCE', 6);
    await fails(main, 'app: { language: rust }\n', 'BUNNY_ELANGUAGE', 4);
    await fails({ ...main, 'a.rs': '' }, 'app: { sources: [main.c, a.rs] }\n', 'BUNNY_ELANGUAGE', 4);
    const empty = app({ 'notes.txt': '' });
    await assert.rejects(build(empty.request(libos, ['plat'])), /the app has no sources/);
  });

  it('passes compile errors on with the paths of the user, the command, and all that fail', async () => {
    const made = app({
      'src/main.c': '#include "part.h"\nint main(void) { return missing; }\n',
      'src/part.h': 'int part = ;\n',
      'src/two.c': 'int two = ;\n',
    });
    const check = (prefix: string) => (error: BunnyError) => {
      assert.equal(error.code, 'BUNNY_ECOMPILE');
      assert.equal(error.exitStatus, 5);
      const text = error.details.join('\n');
      assert.match(text, new RegExp(`^In file included from ${prefix}src/main\\.c:1:$`, 'm'));
      assert.match(text, new RegExp(`^${prefix}src/part\\.h:1:12: error:`, 'm'));
      assert.match(text, new RegExp(`^${prefix}src/two\\.c:1:11: error:`, 'm'));
      assert.match(text, /^command: x86_64-linux-gnu-gcc-12 .* -c src\/two\.c /m);
      assert.ok(typeof error.where === 'object' && error.where.line !== undefined);
      return true;
    };
    await assert.rejects(build(made.request(libos, ['plat', 'say'])), check(''));
    const current = join(made.directory, '..');
    const name = made.directory.slice(current.length + 1);
    await assert.rejects(build(made.request(libos, ['plat', 'say'], { current })), check(`${name}/`));
    await assert.rejects(
      build(made.request(libos, ['plat', 'say'], { current: '/usr' })),
      check(`${made.directory}/`),
    );
  });

  it('names who uses an undefined symbol, and what to do', async () => {
    const made = app({ 'main.c': 'void sya(const char *);\nint main(void) { sya("x"); return 0; }\n' });
    await assert.rejects(build(made.request(libos, ['plat', 'say'])), (error: BunnyError) => {
      assert.equal(error.code, 'BUNNY_EUNDEFINED');
      assert.equal(error.exitStatus, 5);
      assert.equal(error.message, 'nothing in the closure defines sya');
      assert.equal(error.where, 'main.c');
      assert.equal(error.hint, 'did you mean say?');
      return true;
    });
    const hint = async (...requirements: [name: string, version: string, options?: { loud: boolean }][]) => {
      const definers = async () => {
        const all = requirements.map(([name, version, options = {}]) => {
          return { name, version, options, text: `${name}: ^${version}` };
        });
        return new Map([['sya', all]]);
      };
      const failed = build(made.request(libos, ['plat', 'say'], { definers }));
      return await failed.then(
        () => assert.fail('it was built'),
        (error: BunnyError) => error.hint,
      );
    };
    assert.equal(
      await hint(['net', '1.0.0'], ['tcp', '2.0.0']),
      'add `net: ^1.0.0` or `tcp: ^2.0.0` to the dependencies of the Bunnyfile',
    );
    assert.equal(
      await hint(['say', '1.0.0']),
      'add `say: ^1.0.0` to the dependencies of the Bunnyfile; ' +
        'where say 1.0.0, which is there, should define it, run `bunny cache verify`',
    );
    for (const other of [
      ['say', '1.1.0'],
      ['say', '0.9.0'],
      ['say', '1.0.0', { loud: true }],
    ] as const) {
      const [, version] = other;
      assert.equal(await hint([...other]), `add \`say: ^${version}\` to the dependencies of the Bunnyfile`);
    }
    const empty = app({ 'main.c': 'int nothing;\n' });
    await assert.rejects(build(empty.request(libos, ['plat'])), (error: BunnyError) => {
      assert.equal(error.where, 'plat 1.0.0 (objects/plat.c.o)');
      assert.equal(error.hint, 'define main in a source of the app');
      assert.doesNotMatch(error.details.join('\n'), /plat_missing/, 'nothing reaches it');
      return true;
    });
  });

  it('gives the linker’s words first where it complained of no symbol, and the command where that is asked for', async () => {
    const made = app({
      'far.S': '.globl far\nfar = 0x7fffffffffff\n',
      'main.c':
        'extern char far[], _GLOBAL_OFFSET_TABLE_[], __start_greetings[];\n' +
        '__attribute__((section("greetings"), used)) static char greeting = 1;\n' +
        'int main(void) { return *_GLOBAL_OFFSET_TABLE_ + *__start_greetings + (int)(long)far; }\n',
    });
    const details = async (verbose: boolean) => {
      let found: BunnyError | undefined;
      await assert.rejects(build(made.request(libos, ['plat'], { verbose })), (error: BunnyError) => {
        found = error;
        return error.code === 'BUNNY_ELINK';
      });
      return found?.details ?? [];
    };
    const words = await details(false);
    assert.match(words.join('\n'), /^x86_64-linux-gnu-ld: .*relocation truncated to fit: .*`far'/s);
    assert.doesNotMatch(words.join('\n'), /command:|used by/);
    assert.deepEqual(
      (await details(true)).filter((line) => !words.includes(line)).map((line) => line.slice(0, 27)),
      ['command: x86_64-linux-gnu-l'],
    );
  });

  it('names the components that define the same symbol', async () => {
    const made = app(hello);
    await assert.rejects(build(made.request(libos, ['plat', 'say', 'shout'])), (error: BunnyError) => {
      assert.equal(error.code, 'BUNNY_EDUPLICATE');
      assert.equal(error.message, 'say is defined twice');
      assert.equal(error.where, 'say 1.0.0 (objects/say.c.o) and shout 1.0.0 (objects/shout.c.o)');
      return true;
    });
  });

  it('wants just one default linker script', async () => {
    const made = app(hello);
    await assert.rejects(build(made.request(libos, ['say'])), {
      code: 'BUNNY_ESCRIPT',
      message: 'no component of the closure has a default linker script',
    });
    await libos.add('plat2', '1.0.0', { 'scripts/default/x.lds': 'SECTIONS { }\n' });
    await assert.rejects(build(made.request(libos, ['plat', 'plat2', 'say'])), (error: BunnyError) => {
      assert.deepEqual(error.details, [
        'plat 1.0.0: scripts/default/plat.lds',
        'plat2 1.0.0: scripts/default/x.lds',
      ]);
      return true;
    });
  });

  it('refuses constructors that no linker script carries, of the app and of components, and takes those that one does', async () => {
    const early =
      'extern int begun;\nint begun;\n__attribute__((constructor)) void begin(void) { begun++; }\n';
    const main = 'int main(void) { return 0; }\n';
    const made = app({ 'main.c': `${early}${main}` });
    for (let time = 0; time < 2; time++) {
      await assert.rejects(build(made.request(libos, ['plat', 'say'])), (error: BunnyError) => {
        assert.deepEqual([error.code, error.where, error.exitStatus], ['BUNNY_ESCRIPT', 'main.c', 1]);
        assert.deepEqual(error.details, ['main.c: .init_array']);
        return true;
      });
      assert.ok(!existsSync(join(made.directory, 'build')), 'nor is there an image');
    }
    await libos.add('early', '1.0.0', { 'objects/early.c': early.replace('or)', 'or(200))') });
    await assert.rejects(build(app({ 'main.c': main }).request(libos, ['plat', 'say', 'early'])), {
      code: 'BUNNY_ESCRIPT',
      where: 'early 1.0.0 (objects/early.c.o)',
      details: ['early 1.0.0 (objects/early.c.o): .init_array.00200'],
    });
    await libos.add('arrays', '1.0.0', {
      'scripts/extra/arrays.ld':
        'SECTIONS { .init_array : { array_start = .; KEEP(*(SORT_BY_INIT_PRIORITY(.init_array*))) array_end = .; } } INSERT AFTER .data;\n',
    });
    await build(made.request(libos, ['plat', 'say', 'arrays']));
  });

  it('asks for what every app defines where nothing else does, or only a weak stand-in is there', async () => {
    const standIn = '__attribute__((weak)) int main(void) { return 1; }\n';
    await libos.add('standin', '1.0.0', { 'objects/main.c': standIn });
    await libos.add('program', '1.0.0', { 'objects/main.c': standIn.replace('__attribute__((weak)) ', '') });
    const made = app({ 'src/part.c': 'int part;\n' });
    await assert.rejects(build(made.request(libos, ['plat', 'say', 'standin'])), (error: BunnyError) => {
      assert.deepEqual([error.code, error.message], ['BUNNY_EUNDEFINED', 'the app does not define main']);
      assert.equal(error.hint, 'define main in a source of the app');
      return true;
    });
    await build(made.request(libos, ['plat', 'say', 'program']));
  });

  it('refuses artifact types and root file systems that the target does not have', async () => {
    const made = app(hello);
    await assert.rejects(build(made.request(libos, ['plat', 'say'], { types: ['iso'] })), {
      code: 'BUNNY_EARTIFACT',
      hint: 'choose a type that exists: elf, oci',
    });
  });

  /** Runs a script in a process that sees an empty file system of some bytes in place of a directory. */
  const withMounts = (mounts: readonly string[], script: string, input: unknown): string => {
    const bubble = ['--dev-bind', '/', '/', ...mounts, '--'];
    const node = [process.execPath, '--input-type=module', '-e', script, JSON.stringify(input)];
    const { stdout, stderr } = spawnSync('bwrap', [...bubble, ...node], { encoding: 'utf8' });
    assert.equal(stderr, '');
    return stdout;
  };
  const onSmallDisk = (bytes: number, directory: string, script: string, input: unknown): string =>
    withMounts(['--size', String(bytes), '--tmpfs', directory], script, input);
  const imports = `
    import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
    import { Layout, Store } from ${JSON.stringify(import.meta.resolve('bunny-libos-oci'))};
    import { readBunnyfile } from ${JSON.stringify(import.meta.resolve('bunny-libos-spec'))};
    import { build, packageKernel } from ${JSON.stringify(new URL('../src/index.js', import.meta.url))};
    const input = JSON.parse(process.argv[1]);
    const { directory } = input;
    const bunnyfile = readBunnyfile(readFileSync(directory + '/Bunnyfile', 'utf8'), 'Bunnyfile');
    const tell = (error) => console.log(error.code, error.exitStatus);`;

  it('says so when the disk is full where things are made, and leaves the former image', async () => {
    const made = app({ ...hello, 'src/big.c': 'int big[100000] = { 1 };\n' });
    const { image } = await build(made.request(libos, ['plat', 'say']));
    const former = readFileSync(image);
    const script = `${imports}
      const store = await Store.open(input.store);
      await build({ bunnyfile, directory, target: input.target, store, sources: () => [] }).catch(tell);`;
    const input = {
      directory: made.directory,
      target: libos.target('plat', 'say'),
      store: libos.store.directory,
    };
    const work = join(libos.store.directory, 'work');
    for (const bytes of [4096, 65_536, 262_144]) {
      assert.equal(onSmallDisk(bytes, work, script, input), 'BUNNY_ENOSPACE 74\n');
      assert.ok(readFileSync(image).equals(former));
    }
  });

  it('keeps the former files when the disk is full where they go', () => {
    const large = 'k'.repeat(100_000);
    const kernel = 'kernel: { path: kernel.bin }\n';
    const made = app({ 'kernel.bin': large }, kernel);
    const packed = app(
      { 'kernel.bin': 'k', www: large },
      `${kernel}rootfs: { type: initrd, include: [www] }\n`,
    );
    const script = `${imports}
      writeFileSync(directory + '/build/hello-amd64-qemu', 'former');
      await packageKernel({ bunnyfile, directory, arch: 'amd64', platform: 'qemu' }).catch(tell);
      console.log(readdirSync(directory + '/build').join());
      console.log(readFileSync(directory + '/build/hello-amd64-qemu', 'utf8'));`;
    for (const { directory } of [made, packed]) {
      const output = join(directory, 'build');
      mkdirSync(output);
      assert.equal(
        onSmallDisk(16_384, output, script, { directory }),
        'BUNNY_ENOSPACE 74\nhello-amd64-qemu\nformer\n',
      );
    }
  });

  it('says so when the file system is read-only where things are made, and where they go', () => {
    const made = app({ ...hello, 'kernel.bin': 'kernel' }, 'kernel: { path: kernel.bin }\n');
    const script = `${imports}
      const store = await Store.open(input.store);
      const request = { directory, store, target: input.target, sources: () => [] };
      const plain = readBunnyfile('version: v0.1\\nplatforms: { framework: small }\\n', 'Bunnyfile');
      await build({ ...request, bunnyfile: plain }).catch(tell);
      await packageKernel({ bunnyfile, directory, arch: 'amd64' }).catch(tell);`;
    const { directory } = made;
    const input = { directory, target: libos.target('plat', 'say'), store: libos.store.directory };
    const told = withMounts(['--ro-bind', directory, directory], script, input);
    assert.equal(told, 'BUNNY_EACCESS 74\nBUNNY_EACCESS 74\n');
  });

  it('builds with a store that may only be read, and leaves nothing behind', () => {
    const made = app(hello);
    const script = `${imports}
      const store = new Store(input.store);
      const { ran } = await build({ bunnyfile, directory, target: input.target, store, sources: () => [] });
      console.log(ran, readdirSync(directory + '/build').length, readdirSync('/tmp').filter((name) => name.startsWith('bunny-work')));`;
    const store = libos.store.directory;
    const input = { directory: made.directory, target: libos.target('plat', 'say'), store };
    const mounts = ['--ro-bind', store, store, '--setenv', 'TMPDIR', '/tmp', '--tmpfs', '/tmp'];
    // This checkout, too, may be below /tmp.
    const checkout = repositoryFile('');
    mounts.push('--ro-bind', checkout, checkout);
    mounts.push('--bind', made.directory, made.directory, '--ro-bind', store, store);
    assert.equal(withMounts(mounts, script, input), '5 3 []\n');
  });

  it('writes over nothing that the image is made from, and over no directory', async () => {
    const made = app({ ...hello, 'www/a': 'a', 'dir/x': '' }, 'rootfs: { include: ["www:/"] }\n');
    const refused = async (output: string, message: string, code = 'BUNNY_EEXISTS') => {
      const before = readFileSync(join(made.directory, 'src/main.c'), 'utf8');
      const request = made.request(libos, ['plat', 'say'], { output, current: made.directory });
      await assert.rejects(build(request), { code, message, exitStatus: 2 });
      assert.equal(readFileSync(join(made.directory, 'src/main.c'), 'utf8'), before);
    };
    const input = 'the output would replace what the image is made from';
    for (const output of [
      'src/main.c',
      './dir/../src/main.c',
      'Bunnyfile',
      'bunny.lock',
      'www/a',
      'src/name.h',
    ]) {
      await refused(output, input);
    }
    await refused('dir', 'the output is a directory');
    made.write('dir/image.record.json/x', '');
    await refused('dir/image', 'the output is a directory');
    // As root it would be gone for everybody.
    await refused('/dev/null', 'the output is a device, which a file would replace');
    execFileSync('mkfifo', [join(made.directory, 'pipe')]);
    await refused('pipe', 'the output is a pipe, which a file would replace');
  });

  it('names what the lock pins and no source has, and the way out', async () => {
    const made = app(hello);
    const digest = `sha256:${'e'.repeat(64)}`;
    const request = made.request(libos, ['plat', 'say'], { sources: () => [libos.layout] });
    const { target } = request;
    const components = target.components.map((each) =>
      each.name === 'say' ? { ...each, layer: { ...each.layer, digest } } : each,
    );
    const gone = { ...request, target: { ...target, components } };
    await assert.rejects(build(gone), {
      code: 'BUNNY_ENOTFOUND',
      exitStatus: 1,
      message: 'no source has the layer that bunny.lock pins of say 1.0.0',
      hint: 'put it back on oci:registry, or name a copy with --from; `bunny update say` chooses another',
    });
    await assert.rejects(build({ ...gone, sources: () => [] }), {
      code: 'BUNNY_EOFFLINE',
      exitStatus: 3,
      message: 'a layer of say 1.0.0 is not in the store, and nothing may be fetched',
    });
    const tooling = { ...target.tooling, rules: { ...target.tooling.rules, digest } };
    await assert.rejects(build({ ...request, target: { ...target, tooling } }), {
      code: 'BUNNY_ENOTFOUND',
      message: 'no source has the layer that bunny.lock pins of the tooling layer 1.0.0',
    });
    const settings = { ...target.settings, debug: true };
    await assert.rejects(build({ ...request, target: { ...target, settings } }), {
      code: 'BUNNY_ELOCKED',
      details: ['debug is none: the lock has true'],
    });
    const older = { ...target, tooling: { ...target.tooling, version: '1.0.1' } };
    await assert.rejects(build({ ...request, target: older }), {
      code: 'BUNNY_ELOCKED',
      exitStatus: 1,
      details: ['the lock says version 1.0.1', 'the rules say version 1.0.0'],
    });
  });

  it('names the component and the file of an object that is damaged in the store', async () => {
    const made = app(hello);
    const { closure } = await prepareBuild(made.request(libos, ['plat', 'say']));
    const say = closure.find(({ component }) => component.name === 'say');
    const file = join(say?.directory ?? '', 'objects/say.c.o');
    const sound = readFileSync(file);
    const { mode } = statSync(dirname(file));
    chmodSync(dirname(file), 0o755);
    try {
      rmSync(file);
      writeFileSync(file, sound.subarray(0, 200));
      await assert.rejects(build(made.request(libos, ['plat', 'say'])), (error: BunnyError) => {
        assert.equal(error.code, 'BUNNY_EOBJECT');
        assert.match(error.message, /^an object of say 1\.0\.0 is damaged: /);
        assert.equal(error.where, file);
        assert.match(error.hint ?? '', /bunny cache verify/);
        assert.equal(error.exitStatus, 5);
        return true;
      });
    } finally {
      rmSync(file);
      writeFileSync(file, sound, { mode: 0o444 });
      chmodSync(dirname(file), mode);
    }
  });

  it('says what the file system refused', async () => {
    const made = app(hello);
    made.write('build', 'a file where the directory should be');
    await assert.rejects(build(made.request(libos, ['plat', 'say'])), (error: BunnyError) => {
      assert.equal(error.code, 'BUNNY_EEXISTS');
      assert.equal(error.message, 'a file is where a directory is to be');
      assert.equal(error.where, join(made.directory, 'build'));
      return true;
    });
  });
});
