import assert from 'node:assert/strict';
import type { EdgeResult } from '@bunny/tooling';
import { stepFailure } from './compile-failure.js';

function failed(name: string, ...output: string[]): EdgeResult {
  const edge = {
    command: ['cc', name],
    inputs: [name],
    outputs: [`${name}.o`],
    description: `compile ${name}`,
  };
  return { edge, output, failed: true };
}

describe('stepFailure', () => {
  it('points to the first error', () => {
    const error = stepFailure(
      [failed('a.c', 'a.c:1:1: warning: w', 'a.c:2:3: error: e')],
      (line) => `x/${line}`,
    );
    assert.deepEqual(error.where, { file: 'x/a.c', line: 2, column: 3 });
    assert.equal(error.message, 'failed: compile a.c');
    assert.deepEqual(error.details, ['x/a.c:1:1: warning: w', 'x/a.c:2:3: error: e', 'command: cc a.c']);
  });

  it('knows the assembler and tools that name no place', () => {
    assert.deepEqual(
      stepFailure([failed('a.S', 'a.S:7: Error: no such instruction')], (line) => line).where,
      {
        file: 'a.S',
        line: 7,
      },
    );
    assert.equal(stepFailure([failed('a.c', 'cc: fatal')], (line) => line).where, 'a.c');
  });

  it('calls a full disk by its name', () => {
    const error = stepFailure(
      [failed('a.c', '/tmp/x.s: Fatal error: cannot write: No space left on device')],
      (line) => line,
    );
    assert.equal(error.code, 'BUNNY_ENOSPACE');
    assert.equal(error.exitStatus, 2);
  });
});
