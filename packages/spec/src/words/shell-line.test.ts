import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { shellLine } from './shell-line.js';

describe('shellLine', () => {
  it('leaves plain words plain and keeps the first from being an assignment', () => {
    assert.equal(shellLine(['a/b', '-DX=1', 'it is', "don't"]), "a/b -DX=1 'it is' 'don'\\''t'");
    assert.equal(shellLine(['X=1', 'c']), "'X=1' c");
  });

  it('is read back by a shell', () => {
    const word = fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll('\0', ''));
    const lines = fc.sample(fc.array(word, { minLength: 1, maxLength: 5 }), 300);
    const script = lines.map((words) => `printf '%s\\0' ${shellLine(['x', ...words]).slice(2)}`).join('\n');
    const printed = execFileSync('sh', ['-c', script], { encoding: 'utf8' }).split('\0').slice(0, -1);
    assert.deepEqual(printed, lines.flat());
  });
});
