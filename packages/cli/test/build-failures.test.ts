import assert from 'node:assert/strict';
import { mkdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { bunny, bunnyDone, bunnyError } from 'bunny-libos-testing/command/bunny.js';
import { edit, writeFiles } from 'bunny-libos-testing/files/documents.js';
import { temporaryDirectory } from 'bunny-libos-testing/files/temporary.js';
import { copyOfApp, warren, warrenTimeout } from 'bunny-libos-testing/frameworks/warren.js';

describe('builds that fail', function () {
  this.timeout(60_000);
  before(async function () {
    this.timeout(warrenTimeout);
    await warren();
  });

  /** An app for amd64/linuxu that is made of this main.c. */
  const app = async (source: string, lines: readonly string[] = []) => {
    const directory = await temporaryDirectory('app');
    await writeFiles(directory, {
      Bunnyfile: [
        'version: v0.1',
        'name: app',
        'platforms: { framework: warren, monitor: linuxu, architecture: amd64 }',
        'dependencies: { libc: ^1.0 }',
        ...lines,
        '',
      ].join('\n'),
      'src/main.c': source,
    });
    return directory;
  };
  const failure = async (cwd: string, ...words: string[]) => {
    const { registry, store } = await warren();
    return await bunnyError(['build', '--from', registry, ...words], { cwd, store });
  };

  it('show a compile error at the user’s own path, also from another directory', async () => {
    const { registry, store } = await warren();
    const directory = await app('int main(void)\n{\n\treturn missing;\n}\n');
    const { status, stderr, stdout } = await bunny(['build', '--from', registry], { cwd: directory, store });
    assert.equal(status, 5);
    assert.equal(stdout, '');
    const lines = stderr.split('\n').filter((line) => !line.includes('Resolved'));
    assert.deepEqual(lines.slice(0, 5), [
      'error[BUNNY_ECOMPILE]: failed: compile src/main.c',
      '  --> src/main.c:3:16',
      "  src/main.c: In function 'main':",
      "  src/main.c:3:16: error: 'missing' undeclared (first use in this function)",
      '      3 |         return missing;',
    ]);
    assert.match(stderr, /^ {2}command: x86_64-linux-gnu-gcc-12 .* -c src\/main\.c /m);

    const above = await bunny(['build', '--from', registry, '-f', directory], {
      cwd: dirname(directory),
      store,
    });
    const file = join(basename(directory), 'src/main.c');
    assert.match(above.stderr, new RegExp(`^  --> ${file}:3:16$`, 'm'));
    assert.ok(!above.stderr.includes('/src/src'), above.stderr);
  });

  it('show all files that do not compile, and keep those that do', async () => {
    const directory = await app('int main(void) { return 0; }\n');
    await writeFiles(directory, { 'src/a.c': 'int a(;\n', 'src/b.c': 'int b(;\n' });
    const error = await failure(directory);
    assert.equal(error.message, 'failed: 2 steps');
    assert.ok(error.details.some((line) => line.startsWith('src/a.c:1:7: error:')));
    assert.ok(error.details.some((line) => line.startsWith('src/b.c:1:7: error:')));
    await writeFiles(directory, { 'src/a.c': 'int a;\n', 'src/b.c': 'int b;\n' });
    const { registry, store } = await warren();
    const { stderr } = await bunnyDone(['build', '--from', registry], { cwd: directory, store });
    assert.match(stderr, /\b[1-5] steps run/);
  });

  it('tell a compiler’s 140,000 lines', async () => {
    const lines = 140_000;
    const included = '#include "empty.h"\n'.repeat(lines);
    const cwd = await app(`${included}int main(void) { return missing; }\n`, ['app: { flags: [-H] }']);
    await writeFiles(cwd, { 'src/empty.h': '' });
    const { status, stderr } = await failure(cwd);
    assert.equal(status, 5, stderr.slice(0, 1000));
    await edit(join(cwd, 'src/main.c'), 'missing', '0');
    const { registry, store } = await warren();
    const built = await bunnyDone(['build', '--from', registry], { cwd, store });
    const told = built.stderr.split('\n').filter((line) => line.endsWith('src/empty.h'));
    assert.equal(told.length, lines);
  });

  it('say where a header that is missing was wanted', async () => {
    const error = await failure(await app('#include <warren/time.h>\nint main(void) { return 0; }\n'));
    assert.deepEqual(error.where, { file: 'src/main.c', line: 1, column: 10 });
    assert.match(error.details.join('\n'), /warren\/time\.h: No such file or directory/);
  });

  it('name the component that has a missing header', async () => {
    const source = '#include <warren/sched.h>\nint main(void) { thread_yield(); return 0; }\n';
    const error = await failure(await app(source));
    assert.deepEqual(error.where, { file: 'src/main.c', line: 1, column: 10 });
    assert.equal(error.hint, 'add `sched: ^1.1.0` to the dependencies of the Bunnyfile, for warren/sched.h');
  });

  it('name who uses an undefined symbol, and which component to add', async () => {
    const error = await failure(
      await app('void thread_yield(void);\nint main(void) { thread_yield(); return 0; }\n'),
    );
    assert.equal(error.status, 5);
    assert.equal(error.code, 'BUNNY_EUNDEFINED');
    assert.equal(error.message, 'nothing in the closure defines thread_yield');
    assert.equal(error.where, 'src/main.c');
    assert.equal(error.hint, 'add `sched: ^1.1.0` to the dependencies of the Bunnyfile');
  });

  it('name the capability where all its providers would do, once for all symbols', async () => {
    const error = await failure(
      await app('#include <stdlib.h>\nint main(void) { free(malloc(1)); return 0; }\n'),
    );
    assert.equal(error.message, 'nothing in the closure defines 2 symbols');
    assert.deepEqual(error.details.slice(0, 2), ['free: used by src/main.c', 'malloc: used by src/main.c']);
    assert.equal(error.hint, 'add `alloc: ^1.0.0` to the dependencies of the Bunnyfile');
  });

  it('name the option that a symbol takes', async () => {
    const source = 'void thread_sleep(long);\nint main(void) { thread_sleep(1); return 0; }\n';
    const directory = await app(source, ['options: { sched-coop: { sleep: false } }']);
    await edit(join(directory, 'Bunnyfile'), 'libc: ^1.0', 'libc: ^1.0, sched: ^1.1');
    const error = await failure(directory);
    assert.equal(error.message, 'nothing in the closure defines thread_sleep');
    assert.equal(
      error.hint,
      'add `sched-coop: { version: ^1.1.0, options: { sleep: true } }` to the dependencies of the Bunnyfile',
    );
  });

  it('suggest a near name for one that nobody defines', async () => {
    const error = await failure(await app('int putz(const char *);\nint main(void) { return putz(""); }\n'));
    assert.equal(error.code, 'BUNNY_EUNDEFINED');
    assert.match(error.hint ?? '', /did you mean puts/);
  });

  it('ask for main where the app has none', async () => {
    const error = await failure(await app('int nothing;\n'));
    assert.equal(error.code, 'BUNNY_EUNDEFINED');
    assert.equal(error.message, 'nothing in the closure defines main');
    assert.match(error.where?.toString() ?? '', /^main 1\.0\.0 \(objects\/src\/start\.c\.o\)$/);
    assert.equal(error.hint, 'define main in a source of the app');
  });

  it('name both that define one symbol, and what to do', async () => {
    const error = await failure(
      await app(
        '#include <stdio.h>\nint puts(const char *s) { (void)s; return 0; }\nint main(void) { printf("x"); return puts(""); }\n',
      ),
    );
    assert.equal(error.status, 5);
    assert.equal(error.code, 'BUNNY_EDUPLICATE');
    assert.equal(error.message, 'puts is defined twice');
    assert.match(String(error.where), /^src\/main\.c and libc 1\.0\.0 \(objects\/src\/print\.c\.o\)$/);
    assert.equal(
      error.hint,
      'rename it in the app, make it static, or leave out the component that defines it',
    );
  });

  it('tell every command and what it says with -v, on stderr, and nothing of that where nothing is run', async () => {
    const { registry, store } = await warren();
    const cwd = await app('int main(void) { int unused; return 0; }\n');
    const words = ['build', '--from', registry, '-v', '--json'];
    const { stdout, stderr } = await bunnyDone(words, { cwd, store });
    assert.equal((JSON.parse(stdout) as { ran: number }).ran > 1, true);
    const lines = stderr.split('\n');
    const compiled = lines.findIndex((line) => /^x86_64-linux-gnu-gcc-12 .* -c src\/main\.c /.test(line));
    assert.match(lines.slice(compiled + 1, compiled + 3).join('\n'), /src\/main\.c:1:22: warning: unused/);
    assert.match(stderr, /^x86_64-linux-gnu-ld .* -o \/work\/linked$/m);
    const again = await bunnyDone(words, { cwd, store });
    assert.doesNotMatch(again.stderr, /^x86_64/m);
  });

  it('pass warnings on, and succeed', async () => {
    const { registry, store } = await warren();
    const cwd = await app('int main(void) { int unused; return 0; }\n');
    const { stderr } = await bunnyDone(['build', '--from', registry], { cwd, store });
    assert.match(stderr, /^src\/main\.c:1:22: warning: unused variable 'unused'/m);
  });

  it('repeat the warnings of files for which there is nothing to do, for as long as they hold', async () => {
    const { registry, store } = await warren();
    const cwd = await app('int a(void);\nint b(void);\nint main(void) { return a() + b(); }\n');
    await writeFiles(cwd, {
      'src/a.c': 'int a(void) { int x; return 0; }\n',
      'src/b.c': 'int b(void) { int y; return 0; }\n',
    });
    const warned = async (...words: string[]) => {
      const { stderr } = await bunny(['build', '--from', registry, ...words], { cwd, store });
      return [...stderr.matchAll(/^(\S+):\d+:\d+: (?:warning|error): .*?['‘](\w+)/gm)]
        .map(([, file, name]) => `${file} ${name}`)
        .sort();
    };
    const both = ['src/a.c x', 'src/b.c y'];
    assert.deepEqual(await warned(), both);
    assert.deepEqual(await warned(), both);
    assert.deepEqual(await warned('-v'), both);
    await writeFiles(cwd, { 'src/b.c': 'int b(void) { int z; return 0; }\n' });
    assert.deepEqual(await warned(), ['src/a.c x', 'src/b.c z']);
    // A build that fails has warnings of its own to tell, which the next one knows.
    await writeFiles(cwd, {
      'src/a.c': 'int a(void) { int w; return 0; }\n',
      'src/b.c': 'int b(void) { return v; }\n',
    });
    await warned();
    await writeFiles(cwd, { 'src/b.c': 'int b(void) { return 0; }\n' });
    assert.deepEqual(await warned(), ['src/a.c w']);
    await edit(
      join(cwd, 'Bunnyfile'),
      'name: app',
      'name: app\napp: { sources: [src/main.c, src/b.c, src/c.c] }',
    );
    await writeFiles(cwd, { 'src/c.c': 'int a(void) { return 0; }\n' });
    assert.deepEqual(await warned(), []);
  });

  it('refuse an app without sources, a source and a directory that are missing', async () => {
    const none = await temporaryDirectory('app');
    await writeFiles(none, {
      Bunnyfile: 'version: v0.1\nname: app\nplatforms: { framework: warren, monitor: linuxu }\napp: {}\n',
    });
    const empty = await failure(none);
    assert.deepEqual(
      [empty.status, empty.code, empty.message],
      [2, 'BUNNY_ESOURCE', 'the app has no sources'],
    );
    assert.match(empty.hint ?? '', /\*\.S, \*\.c/);

    const source = await failure(await app('int x;\n', ['app: { sources: [src/main.c, src/more.c] }']));
    assert.deepEqual([source.code, source.message], ['BUNNY_ESOURCE', 'there is no file src/more.c']);
    assert.deepEqual(source.where, { file: 'Bunnyfile', line: 5, column: 30 });

    const include = await failure(await app('int x;\n', ['app: { include: [api] }']));
    assert.deepEqual([include.code, include.message], ['BUNNY_ESOURCE', 'there is no directory api']);
    assert.deepEqual(include.where, { file: 'Bunnyfile', line: 5, column: 18 });
  });

  it('refuse a language that the framework does not know, and an artifact that it does not make', async () => {
    const language = await failure(await app('int x;\n', ['app: { language: cobol }']));
    assert.deepEqual([language.status, language.code], [2, 'BUNNY_ELANGUAGE']);
    assert.deepEqual(language.where, { file: 'Bunnyfile', line: 5, column: 18 });
    const type = await failure(await app('int x;\n'), '--type', 'floppy');
    assert.deepEqual([type.status, type.code], [1, 'BUNNY_EARTIFACT']);
    assert.equal(type.hint, 'choose a type that exists: elf, oci');
  });

  it('refuse a file of the rootfs that is missing', async () => {
    const error = await failure(
      await app('int main(void) { return 0; }\n', [
        'rootfs: { from: scratch, type: initrd, include: ["nope:/nope"] }',
      ]),
    );
    assert.deepEqual([error.status, error.code], [2, 'BUNNY_EROOTFS']);
    assert.equal((error.where as { line: number }).line, 5);
  });

  it('leave the former image as it was', async () => {
    const { registry, store } = await warren();
    const cwd = await copyOfApp('hello');
    const words = ['build', '--from', registry, '--platform', 'linuxu'];
    await bunnyDone(words, { cwd, store });
    const { mtimeMs } = await stat(join(cwd, 'build/hello-amd64-linuxu'));
    await edit(join(cwd, 'src/main.c'), 'return 0;', 'return 0');
    assert.equal((await bunny(words, { cwd, store })).status, 5);
    assert.equal((await stat(join(cwd, 'build/hello-amd64-linuxu'))).mtimeMs, mtimeMs);
  });

  it('say so where the output cannot be written', async () => {
    const cwd = await copyOfApp('hello');
    await mkdir(join(cwd, 'build/hello-amd64-linuxu'), { recursive: true });
    const error = await failure(cwd, '--platform', 'linuxu');
    assert.deepEqual([error.status, error.code], [2, 'BUNNY_EEXISTS']);
    assert.equal(error.where, join(cwd, 'build/hello-amd64-linuxu'));
    assert.equal(error.hint, 'name a file in it, or another one');
  });
});
