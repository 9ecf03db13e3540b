import assert from 'node:assert/strict';
import { sha256 } from '../documents/canonical.js';
import type { Lock, LockedComponent } from '../documents/lock.js';
import { BunnyError } from '../errors/errors.js';
import { readLock } from './read-lock.js';
import { writeLock } from './write-lock.js';

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
  schema: 'https://bunny-libos.github.io/schema/lock/v1',
  framework: 'warren',
  request: sha256('request'),
  targets: [target('arm64', 'qemu'), target('amd64', 'qemu'), target('amd64', 'linuxu')],
};

function refused(text: string): BunnyError {
  try {
    readLock(text, 'bunny.lock');
  } catch (error) {
    if (error instanceof BunnyError) return error;
    throw error;
  }
  throw new assert.AssertionError({ message: 'accepted' });
}

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
      schema: lock.schema,
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
      'remove it, then run `bunny resolve` to write it anew',
    );
  });
});
