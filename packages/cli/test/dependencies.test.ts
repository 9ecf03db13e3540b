import assert from 'node:assert/strict';
import { access, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LockChange, OutdatedComponent } from 'bunny-libos-resolver';
import { bunny, bunnyDone, bunnyError, bunnyJson } from 'bunny-libos-testing/command/bunny.js';
import {
  copyOfApp,
  copyOfWarren,
  type Warren,
  warren,
  warrenTimeout,
} from 'bunny-libos-testing/frameworks/warren.js';

interface Changed {
  written: boolean;
  changes: LockChange[];
  warnings: string[];
}

/** The Bunnyfile of the app, with room for comments. */
const bunnyfile = `# The smallest app.
version: v0.1
name: hello
platforms: { framework: warren, version: ^1.0 }

dependencies:
    # for printf
    libc:   ^1.0      # spaces as somebody likes them

targets: [amd64/linuxu, amd64/qemu]   # two
`;

describe('the commands that change what an app depends on', function () {
  this.timeout(60_000);
  let published: Warren;
  let app: string;

  before(async function () {
    this.timeout(warrenTimeout);
    published = await warren();
  });

  beforeEach(async () => {
    app = await copyOfApp('hello');
    await writeFile(join(app, 'Bunnyfile'), bunnyfile);
    await run('resolve');
  });

  const options = () => ({ cwd: app, store: published.store, env: { BUNNY_REGISTRY: published.registry } });
  const run = (...words: string[]) => bunnyDone(words, options());
  const json = (...words: string[]) => bunnyJson<Changed>(words, options());
  const read = (name: string) => readFile(join(app, name), 'utf8');
  const told = ({ changes }: Changed) =>
    changes.map(({ name, before, after }) => `${name} ${before ?? '-'} ${after ?? '-'}`);

  describe('bunny add', () => {
    it('adds the newest version that goes with the rest, and keeps every other byte', async () => {
      const { stdout, stderr } = await run('add', 'time');
      assert.equal(
        await read('Bunnyfile'),
        bunnyfile.replace('likes them\n', 'likes them\n    time: ^2.0.0\n'),
      );
      assert.match(stdout, /^ {2}add {5}time +2\.0\.0 {2}amd64\/linuxu amd64\/qemu$/m);
      assert.match(stderr, /Added time \^2\.0\.0 to Bunnyfile/);
      const { stderr: again } = await run('resolve', '--frozen', '--offline');
      assert.match(again, /bunny\.lock is up to date/);
    });

    it('adds a range as it is given, and changes one that is there', async () => {
      assert.deepEqual(told(await json('add', 'time@~1.0.0')), ['time - 1.0.0']);
      assert.match(await read('Bunnyfile'), /\n {4}time: ~1\.0\.0\n/);
      assert.deepEqual(told(await json('add', 'time@>=1 <3')), []);
      assert.match(await read('Bunnyfile'), /\n {4}time: ">=1 <3"\n/);
    });

    it('adds a capability in the version that its provider provides, not in that of the provider', async () => {
      assert.deepEqual(told(await json('add', 'alloc')), ['alloc-buddy - 1.1.0']);
      assert.match(await read('Bunnyfile'), /\n {4}alloc: \^1\.0\.0\n/);
    });

    it('leaves a range alone that is there already', async () => {
      const { stdout, stderr } = await run('add', 'libc');
      assert.deepEqual([await read('Bunnyfile'), stdout], [bunnyfile, '']);
      assert.match(
        stderr,
        /note: Bunnyfile has libc \^1\.0 already: `bunny add libc@RANGE` changes the range/,
      );
      assert.doesNotMatch(stderr, /Added/);
    });

    it('adds several at once, as they go together', async () => {
      const { stderr } = await run('add', 'time@~1.0.0', 'alloc', 'libc');
      const text = await read('Bunnyfile');
      assert.match(text, /\n {4}time: ~1\.0\.0\n/);
      assert.match(text, /\n {4}alloc: \^1\.0\.0\n/);
      assert.match(stderr, /Added time ~1\.0\.0 to Bunnyfile\n +Added alloc \^1\.0\.0 to Bunnyfile/);
      assert.match(stderr, /note: Bunnyfile has libc \^1\.0 already/);
      assert.match((await run('resolve', '--frozen')).stderr, /is up to date/);
    });

    it('adds all of several or none', async () => {
      const before = [await read('Bunnyfile'), await read('bunny.lock')];
      const unknown = await bunnyError(['add', 'alloc', 'tim'], options());
      assert.deepEqual([unknown.status, unknown.hint], [1, 'did you mean "time"?']);
      const twice = await bunnyError(['add', 'time', 'alloc', 'time@^1'], options());
      assert.deepEqual([twice.code, twice.message], ['BUNNY_EUSAGE', 'time is named twice']);
      assert.deepEqual([await read('Bunnyfile'), await read('bunny.lock')], before);
    });

    it('keeps what several commands add at once', async () => {
      const names = ['alloc', 'sched', 'time'];
      await Promise.all(names.map((name) => run('add', name)));
      const text = await read('Bunnyfile');
      for (const name of names) assert.match(text, new RegExp(`^ {4}${name}: \\^`, 'm'));
      assert.match((await run('resolve', '--frozen')).stderr, /is up to date/);
    });

    it('wants one of a name and --auto', async () => {
      const neither = await bunnyError(['add'], options());
      assert.deepEqual([neither.code, neither.message], ['BUNNY_EUSAGE', 'no dependency to add is named']);
      const both = await bunnyError(['add', '--auto', 'time'], options());
      assert.deepEqual([both.code, both.message], ['BUNNY_EUSAGE', 'NAME and --auto exclude each other']);
    });

    it('changes nothing where that does not work out, or is only to be shown', async () => {
      const before = [await read('Bunnyfile'), await read('bunny.lock')];
      const unknown = await bunnyError(['add', 'tim'], options());
      assert.equal(unknown.status, 1);
      assert.equal(unknown.hint, 'did you mean "time"?');
      const nowhere = await bunnyError(['add', 'quite-another'], options());
      assert.equal(nowhere.hint, '`bunny search` shows what is published');
      const line = bunnyfile.split('\n').findIndex((each) => each.includes('libc:')) + 1;
      assert.deepEqual(unknown.where, { file: 'Bunnyfile', line, column: 5 });
      assert.equal((await bunnyError(['add', 'time@^7'], options())).code, 'BUNNY_ENOSOLUTION');
      assert.equal((await bunnyError(['add', 'time@new'], options())).code, 'BUNNY_ERANGE');
      assert.equal((await bunnyError(['add', 'Time'], options())).code, 'BUNNY_ENAME');
      const shown = await json('add', 'time', '--dry-run');
      assert.equal(shown.written, false);
      assert.deepEqual(told(shown), ['time - 2.0.0']);
      assert.deepEqual([await read('Bunnyfile'), await read('bunny.lock')], before);
    });
  });

  describe('bunny remove', () => {
    it('undoes adding, in both files', async () => {
      const before = [await read('Bunnyfile'), await read('bunny.lock')];
      await run('add', 'sched-coop');
      const removed = await json('remove', 'sched-coop');
      assert.deepEqual(told(removed), ['alloc-buddy 1.1.0 -', 'sched-coop 1.1.0 -', 'time 2.0.0 -']);
      assert.deepEqual([await read('Bunnyfile'), await read('bunny.lock')], before);
    });

    it('removes several at once, all or none', async () => {
      const before = [await read('Bunnyfile'), await read('bunny.lock')];
      await run('add', 'time', 'alloc');
      const added = await read('Bunnyfile');
      assert.equal((await bunnyError(['remove', 'time', 'tim'], options())).code, 'BUNNY_ENOTFOUND');
      assert.equal(await read('Bunnyfile'), added);
      assert.deepEqual(told(await json('remove', 'time', 'alloc')), ['alloc-buddy 1.1.0 -', 'time 2.0.0 -']);
      assert.deepEqual([await read('Bunnyfile'), await read('bunny.lock')], before);
    });

    it('tells of what stays for others, and of what is not there', async () => {
      const { stderr } = await run('remove', 'libc');
      assert.match(stderr, /libc stays in the closure: `bunny why libc` says what needs it/);
      const { code, hint } = await bunnyError(['remove', 'time'], options());
      assert.deepEqual([code, hint], ['BUNNY_ENOTFOUND', 'it has none']);
    });
  });

  describe('bunny update and bunny outdated', () => {
    /** Locks an old version with a range that has room for a newer one. */
    async function lockOldTime(): Promise<void> {
      await run('add', 'time@~1.0.0');
      const text = await read('Bunnyfile');
      await writeFile(join(app, 'Bunnyfile'), text.replace('time: ~1.0.0', 'time: ">=1"'));
      await run('resolve');
    }

    it('show what is newer, lock it where asked, and no sooner', async () => {
      await lockOldTime();
      const { components } = await bunnyJson<{ components: OutdatedComponent[] }>(['outdated'], options());
      const targets = ['amd64/linuxu', 'amd64/qemu'];
      assert.deepEqual(components, [
        { name: 'time', current: '1.0.0', wanted: '2.0.0', latest: '2.0.0', yanked: false, targets },
      ]);
      const { stdout } = await run('outdated');
      assert.match(stdout, /^COMPONENT +CURRENT +WANTED +LATEST +TARGETS\ntime +1\.0\.0 +2\.0\.0 +2\.0\.0/);
      assert.match((await run('outdated')).stderr, /Compared \d+ components: 1 could be newer$/m);
      assert.deepEqual(told(await json('update', 'libc')), []);
      assert.deepEqual(told(await json('update', '--dry-run')), ['time 1.0.0 2.0.0']);
      assert.deepEqual(told(await json('update', 'time')), ['time 1.0.0 2.0.0']);
      assert.match((await run('update')).stderr, /Updated nothing: everything is up to date/);
      assert.match((await run('outdated')).stderr, /Compared \d+ components: all are up to date$/m);
      await rm(join(app, 'bunny.lock'));
      const { code, message } = await bunnyError(['outdated'], options());
      assert.deepEqual([code, message], ['BUNNY_ENOFILE', 'there is no bunny.lock to compare']);
    });

    it('compare offline with what was seen before, and say so', async () => {
      await lockOldTime();
      const { stdout, stderr } = await run('outdated', '--offline');
      assert.match(stdout, /^time +1\.0\.0 +2\.0\.0 +2\.0\.0/m);
      assert.match(
        stderr,
        /Compared \d+ components with what was seen of the registries before: 1 could be newer$/m,
      );
      const { code, hint } = await bunnyError(['search', '--offline'], options());
      assert.equal(code, 'BUNNY_EUSAGE');
      assert.match(hint ?? '', /^`bunny search` needs the registry itself/);
    });

    it('know only what the lock has', async () => {
      const { code, hint, status } = await bunnyError(['update', 'lib'], options());
      assert.deepEqual([code, hint, status], ['BUNNY_ENOTFOUND', 'did you mean "libc"?', 1]);
      const tooling = await bunnyError(['update', 'tooling'], options());
      assert.match(tooling.hint ?? '', /without names/);
    });

    it('know only what the lock would have where there is none, and write none for another name', async () => {
      await rm(join(app, 'bunny.lock'), { force: true });
      const { code, hint } = await bunnyError(['update', 'lib'], options());
      assert.deepEqual([code, hint], ['BUNNY_ENOTFOUND', 'did you mean "libc"?']);
      await assert.rejects(access(join(app, 'bunny.lock')));
      await run('update', 'libc');
      await access(join(app, 'bunny.lock'));
    });
  });

  it('bunny yank withdraws a version from all but those who are locked to it', async () => {
    const copy = await copyOfWarren();
    const own = { cwd: app, store: copy.store, env: { BUNNY_REGISTRY: copy.registry } };
    await bunnyDone(['add', 'time@*'], own);
    const reference = `${copy.registry}:warren/time`;
    await bunnyDone(['yank', reference, '2.0.0'], own);
    const { yanked } = await bunnyJson<{ yanked: string[] }>(['inspect', reference], own);
    assert.deepEqual(yanked, ['2.0.0']);
    const { stderr } = await bunnyDone(['outdated'], own);
    assert.match(stderr, /warning: time 2\.0\.0 is yanked: run `bunny update time`/);
    assert.deepEqual(told(await bunnyJson<Changed>(['update', 'time', '--dry-run'], own)), [
      'time 2.0.0 1.0.0',
    ]);
    const { changed } = await bunnyJson<{ changed: boolean }>(['yank', reference, '2.0.0', '--undo'], own);
    assert.equal(changed, true);
    assert.doesNotMatch((await bunnyDone(['outdated'], own)).stderr, /yanked/);
    assert.equal((await bunnyError(['yank', reference, '9.0.0'], own)).code, 'BUNNY_EVERSIONNOTFOUND');
    assert.equal((await bunnyError(['yank', reference, 'new'], own)).code, 'BUNNY_EVERSION');
    const { code } = await bunnyError(['yank', `${reference}:2.0.0`, '2.0.0'], own);
    assert.equal(code, 'BUNNY_EREFERENCE');
  });

  it('explain themselves with examples', async () => {
    for (const name of ['add', 'remove', 'update', 'outdated', 'tree', 'why', 'graph', 'yank']) {
      const { status, stdout } = await bunny([name, '--help']);
      assert.equal(status, 0);
      assert.match(stdout, new RegExp(`Examples?:\\n {2}bunny ${name}`));
      assert.match(stdout, /--json/);
    }
  });
});
