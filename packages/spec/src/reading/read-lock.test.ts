import assert from 'node:assert/strict';
import { sha256 } from '../documents/canonical.js';
import type { Lock, LockedComponent } from '../documents/lock.js';
import { BunnyError } from '../errors/errors.js';
import { readLocks } from './read-lock.js';
import { writeLocks } from './write-lock.js';

const blob = (name: string) => ({ digest: sha256(name), size: name.length });

const component = (name: string, dependencies: string[]): LockedComponent => ({
  name,
  version: '1.0.0',
  layerHash: sha256(`${name} identity`),
  ...blob(name),
  layer: blob(`${name} layer`),
  from: 'localhost:5000/libos',
  options: { b: 1, a: true },
  dependencies,
});

const target = (arch: string, platform: string) => ({
  arch,
  platform,
  settings: { platform, arch },
  tooling: {
    version: '1.0.0',
    layerHash: sha256('tooling identity'),
    ...blob('tooling'),
    rules: blob('rules'),
    rootfs: [{ ...blob('rootfs'), diffId: sha256('diff') }],
    from: 'oci:registry',
  },
  components: [component('main', ['libc', 'args']), component('libc', []), component('args', [])],
});

const lock: Lock = {
  framework: 'warren',
  request: sha256('request'),
  targets: [target('arm64', 'qemu'), target('amd64', 'qemu'), target('amd64', 'linuxu')],
};

function refused(text: string): BunnyError {
  try {
    readLocks(text, 'bunny.lock');
  } catch (error) {
    if (error instanceof BunnyError) return error;
    throw error;
  }
  throw new assert.AssertionError({ message: 'accepted' });
}

/** What a lock of one framework says. */
function readLock(text: string, file: string) {
  const [only, ...others] = readLocks(text, file);
  assert.ok(only);
  assert.equal(others.length, 0);
  return only;
}

const writeLock = (one: Lock) => writeLocks([one]);

describe('bunny.lock', () => {
  const text = writeLock(lock);

  it('has one order, whatever the order in memory', () => {
    const shuffled: Lock = {
      targets: lock.targets.toReversed().map(({ components, ...rest }) => ({
        components: components.toReversed(),
        ...rest,
      })),
      request: lock.request,
      framework: lock.framework,
    };
    assert.equal(writeLock(shuffled), text);
    const { value } = readLock(text, 'bunny.lock');
    assert.deepEqual(
      value.targets.map(({ arch, platform }) => `${arch}/${platform}`),
      ['amd64/linuxu', 'amd64/qemu', 'arm64/qemu'],
    );
    const [first] = value.targets;
    assert.deepEqual(
      first?.components.map(({ name }) => name),
      ['args', 'libc', 'main'],
    );
    assert.deepEqual(first?.components[2]?.dependencies, ['args', 'libc']);
    assert.deepEqual(Object.keys(first?.components[0]?.options ?? {}), ['a', 'b']);
  });

  it('is the same after reading and writing', () => {
    assert.equal(writeLock(readLock(text, 'bunny.lock').value), text);
    assert.ok(text.endsWith('}\n'));
  });

  it('changes only the lines of what has changed', () => {
    const [first, ...others] = lock.targets;
    assert.ok(first);
    const more = { ...first, components: [...first.components, component('time', [])] };
    const lines = new Set(text.split('\n'));
    const changed = writeLock({ ...lock, targets: [more, ...others] }).split('\n');
    assert.deepEqual(
      changed.filter((line) => !lines.has(line)).map((line) => line.trim().split(':')[0]),
      ['"name"', '"layerHash"', '"digest"', '"digest"'],
    );
  });

  it('knows where things stand, when asked', () => {
    const document = readLock(text, 'bunny.lock');
    assert.deepEqual(document.at(['framework']), { file: 'bunny.lock', line: 3, column: 16 });
    assert.deepEqual(document.keyAt(['framework']), { file: 'bunny.lock', line: 3, column: 3 });
  });

  it('makes do with the file where the text is no YAML', () => {
    const document = readLock(
      text.replace('  "framework"', '  "framework": "other",\n  "framework"'),
      'bunny.lock',
    );
    assert.deepEqual(document.value, readLock(text, 'bunny.lock').value);
    assert.deepEqual(document.at(['framework']), { file: 'bunny.lock' });
  });

  it('finds the marks that a merge left', () => {
    const conflict = text.replace('  "request"', '<<<<<<< HEAD\n  "request"');
    const error = refused(conflict);
    assert.equal(error.code, 'BUNNY_ELOCKCONFLICT');
    assert.deepEqual(error.where, { file: 'bunny.lock', line: 4, column: 1 });
    assert.match(error.hint ?? '', /bunny resolve/);
    assert.equal(refused(`${text}=======\r\n`).code, 'BUNNY_ELOCKCONFLICT');
  });

  it('refuses what was edited by hand, with the place', () => {
    assert.equal(refused(text.slice(0, -5)).code, 'BUNNY_EJSON');
    const error = refused(text.replace('"size": 7', '"size": "7"'));
    assert.equal(error.code, 'BUNNY_ETYPE');
    assert.equal(error.message, 'targets[0].tooling.size: must be a whole number, not "7"');
    assert.equal(
      (error.where as { line: number }).line,
      text.slice(0, text.indexOf('"size": 7')).split('\n').length,
    );
    assert.equal(refused(text.replace('"name": "libc"', '"name": "../libc"')).code, 'BUNNY_ENAME');
    assert.equal(
      refused(text.replace('lock/v1', 'lock/v9')).hint,
      'remove it, then run `bunny resolve` to write a new one',
    );
  });

  it('of one framework is the bytes that it was before there could be several', () => {
    assert.equal(sha256(text), 'sha256:2a4455e1d260011f252ff0122a03685cbde9d51d51bcbd498ba091518dbc2f34');
  });

  describe('of several frameworks', () => {
    const linux: Lock = { framework: 'linux', request: sha256('other'), targets: [target('amd64', 'qemu')] };
    const both = writeLocks([lock, linux]);

    it('has each, sorted by name, and is the same after reading and writing', () => {
      assert.match(both, /"schema": "[^"]*lock\/v2"/);
      const read = readLocks(both, 'bunny.lock');
      assert.deepEqual(
        read.map(({ value }) => value.framework),
        ['linux', 'warren'],
      );
      assert.equal(writeLocks(read.map(({ value }) => value)), both);
      assert.deepEqual(read[1]?.value, readLock(text, 'bunny.lock').value);
    });

    it('knows where the words of each stand', () => {
      const [, warren] = readLocks(both, 'bunny.lock');
      const { line } = warren?.at(['framework']) ?? {};
      assert.match(both.split('\n')[(line ?? 0) - 1] ?? '', /"framework": "warren"/);
      const { line: place } = warren?.at(['targets', 2, 'platform']) ?? {};
      assert.match(both.split('\n')[(place ?? 0) - 1] ?? '', /"platform": "qemu"/);
    });

    it('says nothing beside them that a reader could take for what is built', () => {
      const error = refused(both.replace('  "frameworks"', '  "targets": [],\n  "frameworks"'));
      assert.equal(error.code, 'BUNNY_EUNKNOWNKEY');
      assert.match(error.message, /`frameworks`, and "targets" beside it/);
      assert.match(refused(both.replace('lock/v2', 'lock/v1')).message, /the key "framework" is missing/);
      assert.match(refused(text.replace('lock/v1', 'lock/v2')).message, /the key "frameworks" is missing/);
    });
  });
});
