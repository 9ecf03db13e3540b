import assert from 'node:assert/strict';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bunny, bunnyDone } from 'bunny-libos-testing/command/bunny.js';
import { writeFiles } from 'bunny-libos-testing/files/documents.js';
import { temporaryDirectory } from 'bunny-libos-testing/files/temporary.js';
import { copyOfApp, warren, warrenTimeout } from 'bunny-libos-testing/frameworks/warren.js';

describe('what bunny resolve refuses', function () {
  this.timeout(60_000);
  before(async function () {
    this.timeout(warrenTimeout);
    await warren();
  });

  /** Resolves a Bunnyfile for amd64/linuxu that ends with these lines. Gives the status and the lines of stderr. */
  const told = async (lines: readonly string[]) => {
    const { registry, store } = await warren();
    const cwd = await temporaryDirectory('app');
    const head = [
      'name: app',
      'version: v0.1',
      'platforms: { framework: warren, monitor: linuxu, architecture: amd64 }',
    ];
    await writeFiles(cwd, { Bunnyfile: [...head, ...lines, ''].join('\n') });
    const { status, stdout, stderr } = await bunny(['resolve', '--from', registry], { cwd, store });
    assert.equal(stdout, '');
    return [status, ...stderr.trimEnd().split('\n')];
  };

  it('a component that does not exist, with near names', async () => {
    assert.deepEqual(await told(['dependencies: { libd: ^1.0 }']), [
      1,
      'error[BUNNY_ENOSOLUTION]: app cannot have libd ^1.0',
      '  --> Bunnyfile:4:17',
      '  1. Bunnyfile asks for libd ^1.0',
      '  2. there is no component or capability called libd; did you mean libc?',
      '  help: ask for libc instead of libd',
    ]);
  });

  it('a version that does not exist, with those that do', async () => {
    assert.deepEqual(await told(['dependencies:', '  libc: ^1.0', '  time: ^3.0']), [
      1,
      'error[BUNNY_ENOSOLUTION]: app cannot have time ^3.0',
      '  --> Bunnyfile:6:3',
      '  1. Bunnyfile asks for time ^3.0',
      '  2. no time is in ^3.0: there are 1.0.0 and 2.0.0',
      '  help: ask for time ^2.0.0 instead of ^3.0',
    ]);
  });

  it('two wishes that contradict each other', async () => {
    const [status, ...lines] = await told([
      'dependencies: { leakcheck: ^1.0 }',
      'providers: { alloc: alloc-bump }',
    ]);
    assert.equal(status, 1);
    assert.equal(lines[0], 'error[BUNNY_ENOSOLUTION]: app cannot have leakcheck ^1.0');
    const text = lines.join('\n');
    assert.match(text, /^ {2}\d\. leakcheck 1\.0\.0 needs alloc-buddy \^1\.1 with track=true$/m);
    assert.equal(lines.at(-1), '  help: choose alloc-buddy for alloc instead of alloc-bump');
  });

  it('what does not go together, by lines with the numbers that they go by', async () => {
    assert.deepEqual(await told(['dependencies: { time: ^1.0, trace: ^1.1 }']), [
      1,
      'error[BUNNY_ENOSOLUTION]: app cannot have time ^1.0 and trace ^1.1 in one closure',
      '  --> Bunnyfile:4:15',
      '  1. Bunnyfile asks for time ^1.0',
      '  2. Bunnyfile asks for trace ^1.1',
      '  3. trace 1.1.0 needs time ^2.0',
      '  4. no time meets both lines 1 and 3: 2.0.0 meets only line 3, 1.0.0 only line 1',
      '  help: ask for time ^2.0.0 instead of ^1.0',
      '  help: ask for trace ^1.0.0 instead of ^1.1',
    ]);
  });

  it('what was made for another target only, and how to ask for it there', async () => {
    const text = (when: string) =>
      [
        'version: v0.1',
        'platforms: { framework: warren }',
        `dependencies: { plat-linuxu: { version: ^1.0${when} } }`,
        'targets: [amd64/qemu, amd64/linuxu]',
        '',
      ].join('\n');
    const cwd = await temporaryDirectory('elsewhere');
    const { registry, store } = await warren();
    const resolve = () => bunny(['resolve', '--from', registry], { cwd, store });
    await writeFiles(cwd, { Bunnyfile: text('') });
    const { status, stderr } = await resolve();
    assert.equal(status, 1);
    const [, condition = ''] = /only where it can be had: "(when: .*)"$/m.exec(stderr) ?? [];
    assert.equal(condition, 'when: { platform: linuxu }', stderr);
    await writeFiles(cwd, { Bunnyfile: text(`, ${condition}`) });
    assert.equal((await resolve()).status, 0);
    // Where there is no other target, that would be to do without.
    await rm(join(cwd, 'bunny.lock'));
    await writeFiles(cwd, { Bunnyfile: text('').replace(', amd64/linuxu', '') });
    assert.match((await resolve()).stderr, /^ {2}help: do without plat-linuxu$/m);
  });

  it('an option value that nobody published', async () => {
    assert.deepEqual(await told(['dependencies: { libc: ^1.0 }', 'options: { main: { log: 9 } }']), [
      1,
      'error[BUNNY_EOPTION]: no variant of main has log = 9',
      '  --> Bunnyfile:5:25',
      '  help: published: 0, 1, 2',
    ]);
  });

  it('a dependency, an option or a choice without a value: it was written for something', async () => {
    const empty = (lines: string[]) => told(lines).then(([status, first]) => [status, first]);
    assert.deepEqual(await empty(['dependencies:', '  libc: ^1.0', '  time:']), [
      2,
      'error[BUNNY_ETYPE]: dependencies.time: must be a text or a map, not empty',
    ]);
    assert.deepEqual(await empty(['settings: { debug: }']), [
      2,
      'error[BUNNY_ETYPE]: settings.debug: must be a text or a number or true or false, not empty',
    ]);
    assert.deepEqual(await empty(['providers: { alloc: }']), [
      2,
      'error[BUNNY_ETYPE]: providers.alloc: must be a text, not empty',
    ]);
  });

  it('an option that does not exist', async () => {
    assert.deepEqual(await told(['dependencies: { libc: ^1.0 }', 'options: { main: { lag: 1 } }']), [
      1,
      'error[BUNNY_EOPTION]: main has no option lag',
      '  --> Bunnyfile:5:25',
      '  help: did you mean "log"?',
    ]);
  });

  it('a setting, or a value of one, that the framework does not know', async () => {
    assert.deepEqual(await told(['settings: { debog: true }']), [
      2,
      'error[BUNNY_ESETTING]: warren 1.0.0 has no setting debog',
      '  --> Bunnyfile:4:20',
      '  help: it has debug',
    ]);
    assert.deepEqual(await told(['settings: { debug: 3 }']), [
      2,
      'error[BUNNY_ESETTING]: debug cannot be 3',
      '  --> Bunnyfile:4:20',
      '  help: it takes false, true',
    ]);
  });

  it('a target that the framework does not have', async () => {
    assert.deepEqual(await told(['targets: [amd64/linuxu, { arch: riscv64, platform: qemu }]']), [
      1,
      'error[BUNNY_ETARGET]: warren has no target riscv64/qemu',
      '  --> Bunnyfile:4:25',
      '  help: warren 1.0.0 offers amd64/qemu, arm64/qemu, amd64/linuxu',
    ]);
  });

  it('a platform that nothing boots on, also where there is a lock already', async () => {
    const { registry, store } = await warren();
    const cwd = await copyOfApp('hello');
    await bunnyDone(['resolve', '--from', registry], { cwd, store });
    const text = await readFile(join(cwd, 'Bunnyfile'), 'utf8');
    const refused = async (bunnyfile: string) => {
      await writeFile(join(cwd, 'Bunnyfile'), bunnyfile);
      const { status, stderr } = await bunny(['build', '--from', registry], { cwd, store });
      return [status, ...stderr.trimEnd().split('\n')];
    };
    const slip = text.replace('monitor: qemu', 'monitor: qmeu').replace(/^targets:.*/ms, '');
    assert.deepEqual(await refused(slip), [
      1,
      'error[BUNNY_ETARGET]: warren has no target amd64/qmeu',
      '  --> Bunnyfile:4:57',
      '  help: warren 1.0.0 offers amd64/qemu, arm64/qemu, amd64/linuxu',
    ]);
    assert.deepEqual(await refused(`${slip}targets: [amd64/qemu]\n`), [
      2,
      'error[BUNNY_ESETTING]: platforms.monitor: none of `targets` is for "qmeu"',
      '  --> Bunnyfile:4:57',
      '  help: did you mean "qemu"?',
    ]);
  });

  it('a directory without a Bunnyfile', async () => {
    const cwd = await temporaryDirectory('empty');
    const { status, stderr } = await bunny(['resolve', '-f', cwd]);
    assert.equal(status, 2);
    assert.ok(stderr.startsWith(`error[BUNNY_ENOBUNNYFILE]: there is no Bunnyfile in ${cwd}\n`), stderr);
  });

  it('a registry of the Bunnyfile that is no reference, at its place', async () => {
    const cwd = await temporaryDirectory('app');
    await writeFiles(cwd, {
      Bunnyfile: [
        'version: v0.1',
        'platforms: { framework: warren }',
        'registries:',
        '  - oci:registry',
        '  - ref: ghcr.io/libos',
        "    mirrors: ['http://foo.bar/x']",
        '',
      ].join('\n'),
    });
    const { status, stderr } = await bunny(['resolve'], { cwd });
    assert.equal(status, 2);
    assert.match(stderr, /^error\[BUNNY_EREFERENCE\]: "http:\/\/foo\.bar\/x" is not a reference/);
    assert.match(stderr, /^ {2}--> Bunnyfile:5:\d+$/m);
  });

  describe('a lock', () => {
    let app: string;
    let lock: string;

    before(async () => {
      const { registry, store } = await warren();
      app = await copyOfApp('hello');
      await bunnyDone(['resolve', '--from', registry, '--quiet'], { cwd: app, store });
      lock = await readFile(join(app, 'bunny.lock'), 'utf8');
    });

    const refused = async (text: string, ...words: string[]) => {
      const { registry, store } = await warren();
      await writeFile(join(app, 'bunny.lock'), text);
      const { status, stderr } = await bunny(['resolve', '--from', registry, ...words], { cwd: app, store });
      assert.equal(await readFile(join(app, 'bunny.lock'), 'utf8'), text, 'it was left alone');
      return [status, ...stderr.trimEnd().split('\n')];
    };

    it('that is fine, where a reference is not one', async () => {
      for (const reference of ['http://foo', '']) {
        const { status, stderr } = await bunny(['resolve', '--from', reference], { cwd: app });
        assert.equal(status, 2);
        assert.match(stderr, /^error\[BUNNY_EREFERENCE\]: .*\n {2}--> --from$/m);
      }
      const { status, stderr } = await bunny(['resolve'], { cwd: app, env: { BUNNY_REGISTRY: 'a b@c' } });
      assert.equal(status, 2);
      assert.match(stderr, /^error\[BUNNY_EREFERENCE\]: .*\n {2}--> BUNNY_REGISTRY$/m);
    });

    it('that is a directory', async () => {
      const other = await copyOfApp('hello');
      await mkdir(join(other, 'bunny.lock'));
      const { status, stderr } = await bunny(['resolve'], { cwd: other, store: (await warren()).store });
      assert.equal(status, 2);
      assert.match(stderr, /^error\[BUNNY_ENOFILE\]: this is a directory, not a file\n {2}--> bunny\.lock$/m);
    });

    it('that was made for another framework', async () => {
      assert.deepEqual(await refused(lock.replace('"framework": "warren"', '"framework": "burrow"')), [
        1,
        'error[BUNNY_ELOCKFOREIGN]: bunny.lock was made for another Bunnyfile: for burrow, not warren',
        '  --> Bunnyfile',
        '  help: remove bunny.lock and run `bunny resolve`, or go back to the Bunnyfile that it belongs to',
      ]);
    });

    it('that was made for another app, where it must not change', async () => {
      const other = await copyOfApp('threads');
      const { registry, store } = await warren();
      await bunnyDone(['resolve', '--from', registry, '--quiet'], { cwd: other, store });
      assert.deepEqual(await refused(await readFile(join(other, 'bunny.lock'), 'utf8'), '--frozen'), [
        1,
        'error[BUNNY_EFROZEN]: bunny.lock was made for another Bunnyfile or an earlier state of this one, and --frozen forbids changing it',
        '  --> Bunnyfile',
        '  help: run `bunny resolve` and commit bunny.lock',
      ]);
    });

    it('that was edited by hand', async () => {
      const [status, ...lines] = await refused(lock.replace('"arch": "amd64"', '"arch": 64'));
      assert.equal(status, 2);
      assert.match(String(lines[0]), /^error\[BUNNY_ETYPE\]: targets\[0\]\.arch: must be /);
      assert.match(String(lines[1]), /^ {2}--> bunny\.lock:\d+:\d+$/);
      assert.equal(lines.at(-1), '  help: remove it, then run `bunny resolve` to write a new one');
    });

    it('that is cut off', async () => {
      const start = lock.slice(0, lock.indexOf('"targets"'));
      const [status, summary, where, help] = await refused(start);
      assert.deepEqual(
        [status, summary, where, help],
        [
          2,
          'error[BUNNY_EJSON]: the lock is not a JSON document',
          `  --> bunny.lock:${start.split('\n').length}:${start.length - start.lastIndexOf('\n')}`,
          '  help: remove it, then run `bunny resolve` to write a new one',
        ],
      );
    });

    it('that a merge left its marks in, where it must not change', async () => {
      const marked = lock.replace(
        /^ {2}"request": .*$/m,
        (line) => `<<<<<<< ours\n${line}\n=======\n  "request": "sha256:0",\n>>>>>>> theirs`,
      );
      const [status, summary, place] = await refused(marked, '--frozen');
      assert.equal(status, 2);
      assert.match(String(summary), /^error\[BUNNY_ELOCKCONFLICT\]: /);
      assert.match(String(place), /^ {2}--> bunny\.lock:\d+:1$/);
    });
  });

  it('a Bunnyfile that is not there', async () => {
    const cwd = await temporaryDirectory('empty');
    const { status, stderr } = await bunny(['resolve'], { cwd });
    assert.equal(status, 2);
    assert.deepEqual(stderr.trimEnd().split('\n'), [
      'error[BUNNY_ENOBUNNYFILE]: there is no Bunnyfile here or in a directory above',
      `  --> ${join(cwd, 'Bunnyfile')}`,
      '  help: name it with -f FILE, or make one with `bunny init --framework NAME`',
    ]);
  });

  it('a registry where nothing listens', async () => {
    const cwd = await copyOfApp('hello');
    const { store } = await warren();
    const { status, stderr } = await bunny(['resolve', '--from', '127.0.0.1:1/libos'], { cwd, store });
    assert.equal(status, 3);
    assert.match(stderr, /^error\[BUNNY_ENETWORK\]: cannot talk to 127\.0\.0\.1:1: nothing listens there$/m);
  });

  it('a reference that is none', async () => {
    const cwd = await copyOfApp('hello');
    const { store } = await warren();
    const { status, stderr } = await bunny(['resolve', '--from', 'http://host/x'], { cwd, store });
    assert.equal(status, 2, stderr);
    assert.match(stderr, /^error\[BUNNY_EREFERENCE\]: /m);
  });
});
