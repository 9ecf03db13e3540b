import assert from 'node:assert/strict';
import type { TargetRules } from 'bunny-libos-tooling';
import type { ClosureMember } from './closure-layers.js';
import { namedFiles } from './component-files.js';

const rules = { target: { files: ['kernel'] }, where: 'linux tooling 1.0.0' } as unknown as TargetRules;

function member(name: string, files: readonly string[]): ClosureMember {
  return { component: { name, version: '1.0.0' }, files } as unknown as ClosureMember;
}

describe('namedFiles', () => {
  it('takes each file of the one component that has it', () => {
    const kernel = member('kernel', ['files/kernel', 'files/map']);
    const found = namedFiles(rules, [member('init', []), kernel]);
    assert.deepEqual([...found], [['kernel', { member: kernel, path: 'files/kernel' }]]);
    const plain = { ...rules, target: {} } as TargetRules;
    assert.equal(namedFiles(plain, [kernel]).size, 0);
  });

  it('refuses a closure in which nobody has it, or several', () => {
    assert.throws(() => namedFiles(rules, [member('init', ['files/map'])]), {
      code: 'BUNNY_ENOTFOUND',
      message: 'no component of the closure has the file kernel',
    });
    const two = [member('one', ['files/kernel']), member('two', ['files/kernel'])];
    assert.throws(() => namedFiles(rules, two), {
      code: 'BUNNY_EDUPLICATE',
      details: ['one 1.0.0', 'two 1.0.0'],
    });
  });
});
