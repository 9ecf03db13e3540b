import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { access, cp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bunny, bunnyDone, bunnyError, bunnyJson } from 'bunny-libos-testing/command/bunny.js';
import { edit, writeComponent, writeFiles } from 'bunny-libos-testing/files/documents.js';
import { temporaryDirectory } from 'bunny-libos-testing/files/temporary.js';
import {
  copyOfWarren,
  type Warren,
  warren,
  warrenSources,
  warrenTimeout,
} from 'bunny-libos-testing/frameworks/warren.js';
import { layoutTags } from 'bunny-libos-testing/registries/layout-tags.js';

describe('the checks of bunny publish', function () {
  this.timeout(60_000);
  let to: Warren;
  let cwd: string;

  before(async function () {
    this.timeout(warrenTimeout);
    await warren();
    to = await copyOfWarren();
    cwd = await temporaryDirectory('components');
  });

  /** Publishes a component of one source on top of warren, which is expected to fail. */
  const failure = (path: string) =>
    bunnyError(['publish', path, '--to', to.registry], { cwd, store: to.store });

  const component = (name: string, lines: readonly string[], source: string) =>
    writeComponent(cwd, name, lines, { 'src/code.c': source });

  it('name the published component that defines an undeclared symbol', async () => {
    await component(
      'ticker',
      ['dependencies: { libc: ^1.0 }'],
      'void thread_yield(void);\nvoid tick(void) { thread_yield(); }\n',
    );
    const error = await failure('ticker');
    assert.equal(error.status, 5);
    assert.equal(error.code, 'BUNNY_EUNDECLARED');
    assert.equal(
      error.message,
      'ticker 1.0.0 (amd64) uses thread_yield, which no declared dependency defines',
    );
    assert.equal(error.where, 'ticker/component.yaml');
    assert.deepEqual(error.details, ['thread_yield (used by src/code.c) is defined by sched-coop 1.1.0']);
    assert.equal(error.hint, 'add to dependencies: sched-coop: ^1.1.0');
  });

  it('name the local component that does, before anything of it is published', async () => {
    await component('bell', [], 'void ring(void) {}\n');
    await component('clock', [], 'void ring(void);\nvoid strike(void) { ring(); }\n');
    const error = await bunnyError(['publish', 'bell', 'clock', '--to', to.registry], {
      cwd,
      store: to.store,
    });
    assert.equal(error.code, 'BUNNY_EUNDECLARED');
    assert.equal(error.hint, 'add to dependencies: bell: ^1.0.0');
    const tags = [...(await layoutTags(to.directory)).keys()];
    assert.deepEqual(
      tags.filter((tag) => /bell|clock|ticker/.test(tag)),
      [],
    );
  });

  it('tell of all variants at once what they do not declare', async () => {
    await component('gong', [], 'void ring(void);\nvoid beat(void) { ring(); }\n');
    await edit(join(cwd, 'gong/component.yaml'), 'affectedBy: [arch]', 'affectedBy: [arch, platform]');
    await edit(join(cwd, 'gong/component.yaml'), '[amd64] }', '[amd64], platform: [qemu, linuxu] }');
    await component('carillon', [], 'void beat(void);\nvoid play(void) { beat(); }\n');
    const words = ['publish', 'bell', 'gong', 'carillon', '--to', to.registry];
    const error = await bunnyError(words, { cwd, store: to.store });
    assert.equal(error.status, 5);
    assert.equal(error.message, '3 variants use symbols that no declared dependency defines');
    assert.deepEqual([...error.details].sort(), [
      '  --> carillon/component.yaml',
      '  --> gong/component.yaml',
      '  beat (used by src/code.c) is defined by gong 1.0.0',
      '  help: add to dependencies: bell: ^1.0.0',
      '  help: add to dependencies: gong: ^1.0.0',
      '  ring (used by src/code.c) is defined by bell 1.0.0',
      'carillon 1.0.0 (amd64) uses beat, which no declared dependency defines:',
      'gong 1.0.0 (amd64, qemu) uses ring, which no declared dependency defines:',
    ]);
  });

  it('name the option that a symbol takes', async () => {
    await component('sleeper', [], 'void thread_sleep(long);\nvoid nap(void) { thread_sleep(1); }\n');
    const error = await failure('sleeper');
    assert.equal(error.code, 'BUNNY_EUNDECLARED');
    assert.deepEqual(error.details, [
      'thread_sleep (used by src/code.c) is defined by sched-coop 1.1.0 with sleep=true',
    ]);
    assert.equal(
      error.hint,
      'add to dependencies: sched-coop: { version: ^1.1.0, options: { sleep: true } }',
    );
  });

  it('say so where nobody defines it', async () => {
    await component('ghost', [], 'void nobody(void);\nvoid haunt(void) { nobody(); }\n');
    const error = await failure('ghost');
    assert.deepEqual(error.details, ['nobody (used by src/code.c) is defined by no component known here']);
    assert.equal(error.hint, 'define them, or declare the component that does under `dependencies`');
  });

  it('let base components be used undeclared, as every image has them', async () => {
    await component('printer', [], 'int puts(const char *);\nvoid greet(void) { puts("hello"); }\n');
    const { status, stderr } = await bunny(['publish', 'printer', '--to', to.registry], {
      cwd,
      store: to.store,
    });
    assert.equal(status, 0, stderr);
  });

  it('name the objects that define the same symbol, which no link could take', async () => {
    await component('twins', [], 'int level(void) { return 1; }\nstatic int own(void) { return 1; }\n');
    const weak = '__attribute__((weak)) int spare(void) { return 1; }\n';
    await writeFiles(cwd, {
      'twins/src/other.c': `__attribute__((visibility("hidden"))) int level(void) { return 2; }\n${weak}`,
      'twins/src/third.c': 'static int level(void) { return 3; }\nint spare(void) { return level(); }\n',
    });
    const error = await failure('twins');
    assert.equal(error.status, 5);
    assert.equal(error.code, 'BUNNY_EDUPLICATE');
    assert.equal(error.message, 'twins 1.0.0 (amd64) defines level twice');
    assert.equal(error.where, 'twins/component.yaml');
    assert.deepEqual(error.details, ['level is defined by src/code.c and src/other.c']);
    assert.equal(
      [...(await layoutTags(to.directory)).keys()].filter((tag) => tag.includes('twins')).length,
      0,
    );

    await writeFiles(cwd, { 'twins/src/other.c': weak });
    const { status, stderr } = await bunny(['publish', 'twins', '--to', to.registry], {
      cwd,
      store: to.store,
    });
    assert.equal(status, 0, stderr);
  });

  it('refuse prebuilt files that no image could be linked from', async () => {
    const source = 'int ready(void) { return 1; }\nint main(void) { return ready(); }\n';
    await component('prebuilt', [], source);
    await edit(join(cwd, 'prebuilt/component.yaml'), 'sources: [src/*.c]', "objects: ['*.o']");
    const made = async (program: string, ...words: string[]) => {
      execFileSync(program, words, { cwd: join(cwd, 'prebuilt') });
      const { code, message, where, hint } = await failure('prebuilt');
      assert.equal(code, 'BUNNY_EOBJECT');
      assert.equal(where, join(cwd, 'prebuilt/x.o'));
      return { message, hint };
    };
    const output = ['src/code.c', '-o', 'x.o'];
    assert.deepEqual(await made('gcc', '-shared', '-fPIC', '-nostdlib', ...output), {
      message: 'this is not a relocatable object but linked already: shared',
      hint: 'link it with ld -r, or not at all',
    });
    assert.deepEqual(await made('aarch64-linux-gnu-gcc', '-c', ...output), {
      message: 'this object is for arm64, the variant for amd64',
      hint: 'compile it for amd64; objects for several architectures are told apart by `when: { arch: … }`',
    });
    assert.deepEqual(await made('gcc', '-flto', '-c', ...output), {
      message: 'this object holds nothing but LTO bytecode, of which no symbol can be read',
      hint: 'compile with -ffat-lto-objects, or without -flto',
    });
    assert.deepEqual(await made('sh', '-c', 'gcc -c src/code.c -o y.a && rm x.o && ar rc x.o y.a'), {
      message: 'this is not a relocatable object: this is an archive of objects',
      hint: 'name its members: ar x, then *.o',
    });
    execFileSync('gcc', ['-flto', '-ffat-lto-objects', '-c', ...output], { cwd: join(cwd, 'prebuilt') });
    await bunnyDone(['publish', 'prebuilt', '--to', to.registry], { cwd, store: to.store });
  });

  it('take symbols that the link brings, as its tooling layer says', async () => {
    const own = await copyOfWarren();
    await cp(join(warrenSources, 'tooling'), join(cwd, 'linking'), { recursive: true });
    const rules = join(cwd, 'linking/tooling.yaml');
    await edit(rules, 'version: 1.0.0', 'version: 1.0.1');
    await edit(rules, '-e $entry', '--defsym heap_limit=64 -e $entry');
    const source = 'extern char heap_limit[];\nint limit(void) { return (int)(long)heap_limit; }\n';
    await component('limits', [], source);
    const words = ['publish', 'limits', 'linking', '--to', own.registry];
    const options = { cwd, store: own.store, env: process.env };
    const { code, message } = await bunnyError(words, options);
    assert.equal(code, 'BUNNY_EUNDECLARED', message);
    // What failed has not used the version up.
    await edit(rules, 'appDefines: &app [main]', 'appDefines: &app [main]\n    linkDefines: [heap_limit]');
    await bunnyDone(words, options);
    const app = await temporaryDirectory('app');
    await writeFiles(app, {
      Bunnyfile:
        'version: v0.1\nname: app\nplatforms: { framework: warren }\ndependencies: { limits: ^1.0 }\n',
      'main.c': 'int limit(void);\nint main(void) { return limit(); }\n',
    });
    const run = ['run', '--from', own.registry, '--arch', 'amd64', '--platform', 'linuxu'];
    const { status, stderr } = await bunny(run, { cwd: app, store: own.store });
    assert.equal(status, 64, stderr);
  });

  it('warn of a declared dependency that nothing uses', async () => {
    await component('idle', ['dependencies: { sched: ^1.0 }'], 'void idle(void) {}\n');
    const { results } = await bunnyJson<{ results: { warnings: string[] }[] }>(
      ['publish', 'idle', '--to', to.registry],
      { cwd, store: to.store },
    );
    assert.deepEqual(results[0]?.warnings, [
      'idle 1.0.0 (amd64) declares sched, but uses neither a symbol nor a header of it',
    ]);
  });

  it('do not warn of what prebuilt objects may have included', async () => {
    await component('sealed', ['dependencies: { sched: ^1.0 }'], 'int sealed(void) { return 1; }\n');
    await edit(join(cwd, 'sealed/component.yaml'), 'sources: [src/*.c]', 'objects: [x.o]');
    execFileSync('gcc', ['-c', 'src/code.c', '-o', 'x.o'], { cwd: join(cwd, 'sealed') });
    const { results } = await bunnyJson<{ results: { warnings: string[] }[] }>(
      ['publish', 'sealed', '--to', to.registry],
      { cwd, store: to.store },
    );
    assert.deepEqual(results[0]?.warnings, []);
  });

  it('pass on the compiler’s own words with its command, at the maintainer’s path', async () => {
    await component('broken', [], 'int fine;\nint main(void) { return 1 +; }\n');
    const { status, stderr } = await bunny(['publish', 'broken', '--to', to.registry], {
      cwd,
      store: to.store,
    });
    assert.equal(status, 5);
    const lines = stderr.split('\n');
    assert.deepEqual(
      lines.slice(0, 5),
      [
        'error[BUNNY_ECOMPILE]: failed: compile src/code.c of broken 1.0.0',
        '  --> broken/src/code.c:2:28',
        '  broken/src/code.c: In function ‘main’:',
        '  broken/src/code.c:2:28: error: expected expression before ‘;’ token',
        '      2 | int main(void) { return 1 +; }',
      ].map((line) => line.replaceAll(/[‘’]/g, "'")),
    );
    assert.match(
      stderr,
      /^ {2}command: x86_64-linux-gnu-gcc-12 .* -c \/src\/broken-1\.0\.0\/src\/code\.c -o \S+$/m,
    );
    assert.match(
      stderr,
      /^ {2}help: correct what the compiler reports, then publish again: what is compiled is kept$/m,
    );
  });

  it('name who has a header that the compiler does not find: published, or here', async () => {
    await component('sundial', [], '#include <warren/sched.h>\nvoid shade(void) {}\n');
    const published = await failure('sundial');
    assert.equal(published.code, 'BUNNY_ECOMPILE');
    assert.equal(published.hint, 'add `sched-coop: ^1.1.0` to its dependencies, for warren/sched.h');
    await component('gnomon', [], 'void point(void) {}\n');
    await writeFiles(cwd, {
      'gnomon/include/gnomon.h': '',
      'sundial/src/code.c': '#include <gnomon.h>\n',
    });
    const words = ['publish', 'sundial', 'gnomon', '--to', to.registry];
    const local = await bunnyError(words, { cwd, store: to.store });
    assert.equal(local.code, 'BUNNY_ECOMPILE', local.message);
    assert.equal(local.hint, 'add `gnomon: ^1.0.0` to its dependencies, for gnomon.h');
  });

  it('tell once what variants have in common', async () => {
    await component('dice', ['dependencies: { sched: ^1.0 }'], 'void dice(void) {}\n');
    const file = join(cwd, 'dice/component.yaml');
    await edit(file, 'affectedBy: [arch]', 'affectedBy: [arch, platform]');
    await edit(file, 'arch: [amd64] }', 'arch: [amd64, arm64], platform: [qemu] }');
    const published = await bunnyJson<{ results: { warnings: string[] }[] }>(
      ['publish', 'dice', '--to', to.registry],
      { cwd, store: to.store },
    );
    assert.deepEqual(published.results[0]?.warnings, [
      'dice 1.0.0 (amd64, qemu), (arm64, qemu) declares sched, but uses neither a symbol nor a header of it',
    ]);

    await edit(file, 'version: 1.0.0', 'version: 1.0.1');
    await writeFiles(cwd, { 'dice/src/code.c': 'void dice(void) { return 1 +; }\n' });
    const error = await failure('dice');
    assert.equal(error.message, 'failed: compile src/code.c of dice 1.0.1');
    assert.equal(error.details.filter((line) => line.includes('error: expected expression')).length, 1);
    assert.equal(error.details.filter((line) => line.startsWith('command: ')).length, 1);
    assert.ok(
      error.details.includes('the same for dice 1.0.1 (amd64, qemu), dice 1.0.1 (arm64, qemu)'),
      error.details.join('\n'),
    );
  });

  it('refuse a dependency that nobody published, at its line', async () => {
    await component('lonely', ['dependencies:', '  libc: ^1.0', '  nowhere: ^1.0'], 'int x;\n');
    const error = await failure('lonely');
    assert.equal(error.status, 1);
    assert.equal(error.code, 'BUNNY_ENOSOLUTION');
    assert.deepEqual(error.where, { file: 'lonely/component.yaml', line: 6, column: 12 });
    assert.equal(error.message, 'nothing meets the dependencies of lonely 1.0.0 (amd64)');
    assert.match(error.details.join('\n'), /no component or capability called nowhere/);
  });

  it('name what leads to a dependency that is there no more', async () => {
    const options = { cwd, store: to.store };
    await component('leaf', [], 'int leaf;\n');
    await component('twig', ['dependencies: { leaf: ^1.0 }'], 'int twig;\n');
    await component('branch', ['dependencies: { twig: ^1.0 }'], 'int branch;\n');
    for (const name of ['leaf', 'twig', 'branch'])
      await bunnyDone(['publish', name, '--to', to.registry], options);
    await bunnyDone(['yank', `${to.registry}:warren/leaf`, '1.0.0'], options);
    await component('trunk', ['dependencies: { branch: ^1.0 }'], 'int trunk;\n');
    const { details } = await failure('trunk');
    assert.match(
      details.join('\n'),
      /^1\. trunk 1\.0\.0 is to be published, which through branch and twig needs leaf \^1\.0$/m,
    );
  });

  it('tell in a dry run already that nothing meets the dependencies, in the same words', async () => {
    await component('hasty', ['dependencies: { nowhere: ^1.0 }'], 'int x;\n');
    const planned = await bunnyError(['publish', 'hasty', '--to', to.registry, '--dry-run'], {
      cwd,
      store: to.store,
    });
    assert.equal(planned.code, 'BUNNY_ENOSOLUTION');
    assert.deepEqual(planned, await failure('hasty'));
  });

  it('tell of all components that nothing meets the dependencies of', async () => {
    await component('eager', ['dependencies: { nowhere: ^1.0 }'], 'int x;\n');
    await edit(join(cwd, 'eager/component.yaml'), '[amd64] }', '[amd64, arm64] }');
    await component('rash', ['dependencies:', '  libc: ^1.0', '  time: ^3.0'], 'int x;\n');
    const words = ['publish', 'eager', 'rash', '--to', to.registry, '--dry-run'];
    const error = await bunnyError(words, { cwd, store: to.store });
    assert.equal(error.message, 'nothing meets the dependencies of 3 variants');
    assert.deepEqual(
      error.details.filter((line) => /:$|-->/.test(line)),
      [
        'nothing meets the dependencies of eager 1.0.0 (amd64):',
        '  --> eager/component.yaml:4:26',
        'nothing meets the dependencies of rash 1.0.0 (amd64):',
        '  --> rash/component.yaml:6:9',
      ],
    );
    assert.match(error.details.join('\n'), /no time is in \^3\.0/);
  });

  it('are told by a dry run as far as it leaves them to compiling', async () => {
    await component('sketch', [], 'void nobody(void);\nvoid draw(void) { nobody(); }\n');
    const options = { cwd, store: to.store };
    const words = ['publish', 'sketch', '--to', to.registry];
    const unchecked = [
      'whether the sources compile',
      'whether each symbol that is used is defined by a declared dependency, and none twice',
      'whether symbols are gone that dependents of compatible versions use',
    ];
    const { stdout, stderr } = await bunnyDone([...words, '--dry-run'], options);
    assert.match(stdout, /^build +sketch +1\.0\.0 /m);
    assert.equal(stderr, `note: not checked, as nothing was compiled:\n  ${unchecked.join('\n  ')}\n`);
    type Plans = { plans: { unchecked: string[] }[] };
    const { plans } = await bunnyJson<Plans>([...words, '--dry-run'], options);
    assert.deepEqual(plans[0]?.unchecked, unchecked);

    await writeFiles(cwd, { 'sketch/src/code.c': 'void draw(void) {}\n' });
    await bunnyDone(words, options);
    const again = await bunnyDone([...words, '--dry-run'], options);
    assert.equal(again.stderr, '');
  });

  it('tell so before the tooling layer is pushed', async () => {
    await component('early', ['dependencies: { nowhere: ^1.0 }'], 'int x;\n');
    const directory = join(await temporaryDirectory('layout'), 'registry');
    const error = await bunnyError(
      ['publish', join(warrenSources, 'tooling'), 'early', '--to', `oci:${directory}`],
      { cwd, store: to.store },
    );
    assert.equal(error.code, 'BUNNY_ENOSOLUTION');
    await assert.rejects(access(directory));
  });

  it('refuse a version that nobody published, and tell those that exist', async () => {
    await component('future', ['dependencies: { time: ^3.0 }'], 'int x;\n');
    const error = await failure('future');
    assert.equal(error.code, 'BUNNY_ENOSOLUTION');
    assert.ok(
      error.details.includes('3. no time is in ^3.0: there are 1.0.0 and 2.0.0'),
      error.details.join('\n'),
    );
  });

  it('refuse a version that is published already, made from other sources', async () => {
    const before = await layoutTags(to.directory);
    await cp(join(warrenSources, 'components/args'), join(cwd, 'args'), { recursive: true });
    const source = await readFile(join(cwd, 'args/src/args.c'), 'utf8');
    await writeFiles(cwd, { 'args/src/args.c': `${source}\nint changed;\n` });
    const error = await failure('args');
    assert.equal(error.status, 1);
    assert.equal(error.code, 'BUNNY_EPUBLISHED');
    assert.deepEqual(error.where, { file: 'args/component.yaml', line: 3, column: 10 });
    assert.equal(error.message, 'args 1.1.1 is published already, made from something else');
    assert.match(
      error.details[0] ?? '',
      /^args 1\.1\.1 \(amd64; max_words=32\): differs in its files, or in how they are compiled, from sha256:[0-9a-f]{64}$/,
    );
    assert.equal(error.hint, 'a published version never changes meaning: give the component a new version');
    assert.deepEqual(await layoutTags(to.directory), before, 'no tag was moved');

    await edit(join(cwd, 'args/component.yaml'), 'version: 1.1.1', 'version: 1.1.2');
    const { status, stderr } = await bunny(['publish', 'args', '--to', to.registry], {
      cwd,
      store: to.store,
    });
    assert.equal(status, 0, stderr);
    const after = await layoutTags(to.directory);
    for (const [tag, digest] of before) {
      // What the catalog says of args is derived, and follows.
      if (tag !== 'warren/catalog:args') assert.equal(after.get(tag), digest, tag);
    }
    assert.ok([...after.keys()].some((tag) => tag.startsWith('warren/args:1.1.2_')));
  });

  it('refuse a tooling layer whose rules changed under its version', async () => {
    await cp(join(warrenSources, 'tooling'), join(cwd, 'tooling'), { recursive: true });
    await edit(join(cwd, 'tooling/tooling.yaml'), '-Wall -Wextra', '-Wall');
    const error = await failure('tooling');
    assert.equal(error.code, 'BUNNY_EPUBLISHED');
    assert.deepEqual(error.where, { file: 'tooling/tooling.yaml', line: 2, column: 10 });
    assert.equal(error.details.at(-1), 'the rules differ');
    assert.equal(error.hint, 'give the tooling layer a new version, or publish the components without it');
  });

  it('refuse components that depend on each other in a circle, before anything is compiled', async () => {
    await component('ring/egg', ['dependencies: { hen: ^1.0 }'], 'int x;\n');
    await edit(join(cwd, 'ring/egg/component.yaml'), 'name: ring/egg', 'name: egg');
    await component('ring/hen', ['dependencies: { egg: ^1.0 }'], 'int x;\n');
    await edit(join(cwd, 'ring/hen/component.yaml'), 'name: ring/hen', 'name: hen');
    const error = await failure('ring');
    assert.equal(error.status, 2);
    assert.equal(error.code, 'BUNNY_ECYCLE');
    assert.equal(error.message, 'components depend on each other in a cycle: egg -> hen -> egg');
    assert.deepEqual(error.where, { file: 'ring/egg/component.yaml', line: 4, column: 22 });
    assert.deepEqual(error.details, [
      'egg 1.0.0 (ring/egg/component.yaml)',
      'hen 1.0.0 (ring/hen/component.yaml)',
    ]);
    assert.equal(
      error.hint,
      'take one of these dependencies out: what every image has (`base` in tooling.yaml) is used undeclared, other things that both need go into a third component',
    );
  });

  it('refuse a path where there is nothing to publish', async () => {
    const error = await failure('no-such-directory');
    assert.equal(error.status, 2);
    assert.equal(error.code, 'BUNNY_ENOTHING');
    assert.equal(error.message, 'there is no file or directory no-such-directory');
    await writeFiles(cwd, { 'empty/readme.txt': '' });
    for (const path of ['empty', 'empty/readme.txt']) {
      const { code, where } = await failure(path);
      assert.deepEqual([code, where], ['BUNNY_ENOTHING', path]);
    }
  });

  it('ask for a tooling layer where there is none', async () => {
    const empty = await temporaryDirectory('layout');
    await component('early', [], 'int x;\n');
    const error = await bunnyError(['publish', 'early', '--to', `oci:${empty}`], { cwd, store: to.store });
    assert.equal(error.status, 1);
    assert.equal(error.code, 'BUNNY_ENOTFOUND');
    assert.equal(error.message, `warren has no tooling layer, here or on oci:${empty}`);
    assert.equal(
      error.hint,
      'publish its tooling.yaml first, or together with the components; --framework publishes for others alone',
    );
  });
});
