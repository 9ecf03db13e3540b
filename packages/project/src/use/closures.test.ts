import assert from 'node:assert/strict';
import type { ClosureGraph } from 'bunny-libos-resolver';
import { alike, graphsWith } from './closures.js';

function graph(arch: string, components: Record<string, string>, providers: Record<string, string> = {}) {
  const nodes = new Map(
    Object.entries(components).map(([name, version]) => [
      name,
      { name, version, dependencies: [], dependents: [] },
    ]),
  );
  return {
    app: 'app',
    arch,
    platform: 'qemu',
    direct: [],
    base: [],
    nodes,
    providers: new Map(Object.entries(providers)),
  } satisfies ClosureGraph;
}

describe('the closures of several targets', () => {
  const amd64 = graph('amd64', { libc: '1.0.0', buddy: '1.0.0' }, { alloc: 'buddy' });
  const arm64 = graph('arm64', { libc: '1.0.0' });

  it('are those that have a component, or what provides a capability', () => {
    assert.deepEqual([...graphsWith([amd64, arm64], 'libc').values()], ['libc', 'libc']);
    assert.deepEqual([...graphsWith([amd64, arm64], 'alloc')], [[amd64, 'buddy']]);
  });

  it('are none for a name that nothing has, which is told with the nearest one', () => {
    assert.throws(() => graphsWith([amd64, arm64], 'aloc'), { code: 'BUNNY_ENOTFOUND', hint: /alloc/ });
    assert.throws(() => graphsWith([], 'libc'), { code: 'BUNNY_ENOTFOUND', hint: /bunny tree/ });
  });

  it('are shown together where they look the same', () => {
    const version = ({ nodes }: ClosureGraph) => nodes.get('libc')?.version;
    const size = ({ nodes }: ClosureGraph) => nodes.size;
    assert.deepEqual(alike([amd64, arm64], version), [
      { targets: ['amd64/qemu', 'arm64/qemu'], seen: '1.0.0' },
    ]);
    assert.deepEqual(alike([amd64, arm64], size), [
      { targets: ['amd64/qemu'], seen: 2 },
      { targets: ['arm64/qemu'], seen: 1 },
    ]);
  });
});
