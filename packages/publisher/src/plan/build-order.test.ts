import assert from 'node:assert/strict';
import { BunnyError, readComponent } from 'bunny-libos-spec';
import { buildOrder } from './build-order.js';
import type { LocalComponent } from './component-directory.js';

function local(name: string, more: string, version = '1.0.0'): LocalComponent {
  const text = `framework: warren\nname: ${name}\nversion: ${version}\nsources: [a.c]\nmatrix: { arch: [amd64], platform: [qemu] }\n${more}\n`;
  const file = `${name}/component.yaml`;
  return { document: readComponent(text, file), file, text, directory: `/${name}`, files: [], source: '' };
}

function names(components: readonly LocalComponent[]): string[] {
  return components.map(({ document: { value } }) => value.name);
}

describe('buildOrder', () => {
  it('puts dependencies first, whatever the order given', () => {
    const app = local('app', 'dependencies: { net: ^1.0 }');
    const net = local('net', 'dependencies: { libc: ^1.0 }');
    const libc = local('libc', '');
    assert.deepEqual(names(buildOrder([app, net, libc])), ['libc', 'net', 'app']);
    assert.deepEqual(names(buildOrder([libc, app, net])), ['libc', 'net', 'app']);
  });

  it('puts providers before those that ask for their capability', () => {
    const sched = local('sched', 'dependencies: { alloc: ^1.0 }');
    const buddy = local('buddy', 'provides: { alloc: 1.0.0 }');
    assert.deepEqual(names(buildOrder([sched, buddy])), ['buddy', 'sched']);
  });

  it('follows only the versions that a range takes', () => {
    const old = local('libc', '', '1.0.0');
    const next = local('libc', 'dependencies: { net: ^1.0 }', '2.0.0');
    const net = local('net', 'dependencies: { libc: ^1.0 }');
    assert.equal(names(buildOrder([next, net, old])).length, 3);
  });

  it('refuses a circle, and shows it', () => {
    const a = local('a', 'dependencies: { b: ^1.0 }');
    const b = local('b', 'dependencies: { c: ^1.0 }');
    const c = local('c', 'dependencies: { a: ^1.0 }');
    assert.throws(
      () => buildOrder([a, b, c]),
      (error: unknown) => {
        assert.ok(error instanceof BunnyError);
        assert.equal(error.code, 'BUNNY_ECYCLE');
        assert.match(error.message, /a -> b -> c -> a/);
        assert.deepEqual(error.where, { file: 'a/component.yaml', line: 6, column: 20 });
        return true;
      },
    );
  });
});
