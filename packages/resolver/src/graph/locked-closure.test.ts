import assert from 'node:assert/strict';
import { type Lock, type LockedTarget, readBunnyfile, type ToolingRules } from 'bunny-libos-spec';
import { lockChanges } from '../solve/lock-changes.js';
import { formatGraph, graphDocument } from './formats.js';
import { closureGraph, waysTo } from './locked-closure.js';
import { closureTree, treeLines } from './tree.js';

const { value: bunnyfile } = readBunnyfile(
  'version: v0.1\nname: app\nplatforms: { framework: f }\ndependencies: { http: ^1.0, alloc: "*" }\n',
  'Bunnyfile',
);
const rules = {
  capabilities: { alloc: { default: 'buddy', providers: ['buddy', 'bump'] } },
  targets: [{ arch: 'amd64', platform: 'qemu', base: { main: '^1.0' } }],
} as unknown as ToolingRules;

function locked(components: Readonly<Record<string, [string, ...string[]]>>): LockedTarget {
  return {
    arch: 'amd64',
    platform: 'qemu',
    settings: {},
    tooling: { version: '1.0.0', layerHash: 'tooling' },
    components: Object.entries(components).map(([name, [version, ...dependencies]]) => ({
      name,
      version,
      layerHash: `${name} ${version}`,
      dependencies,
    })),
  } as unknown as LockedTarget;
}

const target = locked({
  buddy: ['1.0.0', 'libc'],
  bump: ['1.0.0'],
  http: ['1.2.0', 'libc', 'net'],
  libc: ['1.1.0', 'plat'],
  main: ['1.0.0', 'libc'],
  net: ['1.3.0', 'libc'],
  plat: ['1.0.0'],
});
const graph = closureGraph(target, bunnyfile, rules);

describe('closureGraph', () => {
  it('tells what the Bunnyfile asks for from what every image needs, capabilities included', () => {
    assert.deepEqual(graph.direct, ['buddy', 'http']);
    assert.deepEqual(graph.base, ['bump', 'main']);
    assert.deepEqual(graph.nodes.get('libc')?.dependents, ['buddy', 'http', 'main', 'net']);
    assert.deepEqual([...graph.providers], [['alloc', 'buddy']]);
    const choice = { ...bunnyfile, providers: { alloc: 'bump', tls: 'absent' } };
    assert.deepEqual([...closureGraph(target, choice, rules).providers], [['alloc', 'bump']]);
  });
});

describe('waysTo', () => {
  it('gives the shortest way through each dependent', () => {
    assert.deepEqual(waysTo(graph, 'libc'), [
      ['buddy', 'libc'],
      ['http', 'libc'],
      ['main', 'libc'],
      ['http', 'net', 'libc'],
    ]);
    assert.deepEqual(waysTo(graph, 'http'), [['http']]);
    assert.deepEqual(waysTo(graph, 'plat'), [['buddy', 'libc', 'plat']]);
  });
});

describe('closureTree', () => {
  it('spells each component out once', () => {
    assert.deepEqual(treeLines(closureTree(graph, graph.direct)), [
      '├── buddy 1.0.0',
      '│   └── libc 1.1.0',
      '│       └── plat 1.0.0',
      '└── http 1.2.0',
      '    ├── libc 1.1.0 (*)',
      '    └── net 1.3.0',
      '        └── libc 1.1.0 (*)',
    ]);
  });

  it('can be turned upside down, and cut', () => {
    assert.deepEqual(treeLines(closureTree(graph, ['net'], { invert: true })), [
      '└── net 1.3.0',
      '    └── http 1.2.0',
    ]);
    assert.equal(closureTree(graph, ['http'], { depth: 1 })[0]?.children[1]?.children.length, 0);
  });
});

describe('formatGraph', () => {
  it('writes what Graphviz and Mermaid read', () => {
    const dot = formatGraph(graph, 'dot');
    assert.match(dot, /^digraph "app amd64\/qemu" \{/);
    assert.match(dot, /\n {2}"http" -> "net";\n/);
    assert.match(dot, /\n {2}"app app" -> "main" \[style=dashed\];\n/);
    const mermaid = formatGraph(graph, 'mermaid').split('\n');
    assert.equal(mermaid[0], 'graph TD');
    assert.ok(mermaid.includes('  n0["buddy 1.0.0"]'));
    assert.ok(mermaid.includes('  app -.-> n4'));
  });

  it('writes each edge once as JSON', () => {
    const document = JSON.parse(formatGraph(graph, 'json'));
    assert.deepEqual(document, graphDocument(graph));
    assert.equal(document.edges.length, 4 + 6);
  });
});

describe('lockChanges', () => {
  it('tells what was added, removed, updated and made anew', () => {
    const lock = (target: LockedTarget) => ({ targets: [target] }) as unknown as Lock;
    const before = locked({ a: ['1.0.0'], b: ['1.0.0'], c: ['1.0.0'], d: ['1.0.0'] });
    const after = locked({ a: ['1.1.0'], c: ['1.0.0'], d: ['1.0.0'], e: ['2.0.0'] });
    const changed = {
      ...after,
      components: after.components.map((each) => (each.name === 'd' ? { ...each, layerHash: 'new' } : each)),
    };
    const targets = ['amd64/qemu'];
    assert.deepEqual(lockChanges(lock(before), lock(changed)), [
      { name: 'a', targets, before: '1.0.0', after: '1.1.0' },
      { name: 'b', targets, before: '1.0.0' },
      { name: 'd', targets, before: '1.0.0', after: '1.0.0', rebuilt: true },
      { name: 'e', targets, after: '2.0.0' },
    ]);
  });
});
