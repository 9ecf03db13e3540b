import assert from 'node:assert/strict';
import { holds, normaliseArchitecture } from './vocabulary.js';

describe('conditions', () => {
  const facts = { arch: 'arm64', smp: true, level: 3 };

  it('hold when every named fact has the value, or one of the values', () => {
    assert.ok(holds(undefined, facts));
    assert.ok(holds({}, facts));
    assert.ok(holds({ arch: 'arm64', smp: true }, facts));
    assert.ok(holds({ arch: ['amd64', 'arm64'], level: [3] }, facts));
    assert.ok(!holds({ arch: 'amd64' }, facts));
    assert.ok(!holds({ arch: 'arm64', smp: false }, facts));
    assert.ok(!holds({ level: '3' }, facts));
  });

  it('do not hold over facts that are not there, whatever they are called', () => {
    assert.ok(!holds({ lto: true }, facts));
    assert.ok(!holds({ constructor: 'x' }, facts));
    assert.ok(!holds(JSON.parse('{"__proto__": "x"}'), facts));
  });
});

describe('architectures', () => {
  it('have the names that OCI gives them', () => {
    const given = ['x86_64', 'X86', 'amd64', 'aarch64', 'arm64', 'riscv64gc', 'mips', 'constructor'];
    assert.deepEqual(given.map(normaliseArchitecture), [
      ...['amd64', 'amd64', 'amd64', 'arm64', 'arm64', 'riscv64', 'mips', 'constructor'],
    ]);
  });
});
