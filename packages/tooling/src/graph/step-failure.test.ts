import assert from 'node:assert/strict';
import type { EdgeResult } from './progress-parser.js';
import { stepFailure } from './step-failure.js';

function failed(name: string, ...output: string[]): EdgeResult {
  const edge = {
    command: ['cc', name],
    inputs: [name],
    outputs: [`${name}.o`],
    description: `compile ${name}`,
  };
  return { edge, output, failed: true };
}

const plain = { rewrite: (line: string) => line, hint: 'correct it' };

describe('stepFailure', () => {
  it('points to the first error', () => {
    const error = stepFailure([failed('a.c', 'a.c:1:1: warning: w', 'a.c:2:3: error: e')], {
      ...plain,
      rewrite: (line) => `x/${line}`,
    });
    assert.deepEqual(error.where, { file: 'x/a.c', line: 2, column: 3 });
    assert.equal(error.message, 'failed: compile a.c');
    assert.deepEqual(error.details, ['x/a.c:1:1: warning: w', 'x/a.c:2:3: error: e', 'command: cc a.c']);
  });

  it('knows the assembler and tools that name no place', () => {
    assert.deepEqual(stepFailure([failed('a.S', 'a.S:7: Error: no such instruction')], plain).where, {
      file: 'a.S',
      line: 7,
    });
    assert.equal(stepFailure([failed('a.c', 'cc: fatal')], plain).where, 'a.c');
  });

  it('tells once what variants have in common, and which they are', () => {
    const purposes = new Map<unknown, string>();
    const variant = (purpose: string, ...output: string[]) => {
      const result = failed('a.c', ...output);
      result.edge.command = ['cc', `-D${purpose}`, 'a.c'];
      purposes.set(result.edge, purpose);
      return result;
    };
    const error = stepFailure(
      [
        variant('amd64', 'a.c:2:3: error: e'),
        variant('arm64', 'a.c:2:3: error: e'),
        variant('riscv64', 'a.c:9: error: f'),
      ],
      { ...plain, purpose: (edge) => purposes.get(edge) ?? '' },
    );
    assert.equal(error.message, 'failed: compile a.c');
    assert.deepEqual(error.details, [
      'compile a.c:',
      'a.c:2:3: error: e',
      'the same for amd64, arm64',
      'command: cc -Damd64 a.c',
      'compile a.c:',
      'a.c:9: error: f',
      'command: cc -Driscv64 a.c',
    ]);
  });

  it('calls a full disk by its name', () => {
    const error = stepFailure(
      [failed('a.c', '/tmp/x.s: Fatal error: cannot write: No space left on device')],
      plain,
    );
    assert.equal(error.code, 'BUNNY_ENOSPACE');
    assert.equal(error.exitStatus, 74);
  });
});
