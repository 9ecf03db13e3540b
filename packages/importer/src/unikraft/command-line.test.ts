import assert from 'node:assert/strict';
import { readCommands } from './command-line.js';

const words = (text: string) =>
  readCommands(text, 'x.cmd').map(({ words: each, out }) => [
    ...each,
    ...(out === undefined ? [] : ['>', out]),
  ]);

describe('readCommands', () => {
  it('takes words and quotes as a shell does', () => {
    assert.deepEqual(words('""gcc -DA="B C" -D\'E F\' -DG=\\"h\\" "aarch64-"ld x~y a#b'), [
      ['gcc', '-DA=B C', '-DE F', '-DG="h"', 'aarch64-ld', 'x~y', 'a#b'],
    ]);
    assert.deepEqual(words('a "b \\"c\\" \\\\ d"'), [['a', 'b "c" \\ d']]);
  });

  it('tells commands, outputs and filters of messages apart', () => {
    assert.deepEqual(words('a b && c; d > e'), [['a', 'b'], ['c'], ['d', '>', 'e']]);
    assert.deepEqual(words('strip x 2>&1 | { grep -Ev "a|b" || true; }'), [['strip', 'x']]);
    assert.deepEqual(words('a && b 2>&1 | { grep -v "c" || true; }'), [['a'], ['b']]);
  });

  for (const text of [
    'a $(b)',
    'a `b`',
    'a "$b"',
    'a | b',
    'a || b',
    'a & b',
    'a < b',
    'a *.o',
    'a (b)',
    '"a',
    'a\nb $c',
    '~root/a',
  ]) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      assert.throws(() => readCommands(text, 'x.cmd'), { code: 'BUNNY_EIMPORT' });
    });
  }
});
