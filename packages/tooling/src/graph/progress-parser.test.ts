import assert from 'node:assert/strict';
import type { Edge } from './ninja.js';
import { ProgressParser } from './progress-parser.js';

const mark = 'mark';
const edges = ['a', 'b'].map(
  (name): Edge => ({ inputs: [], outputs: [name], command: ['cc', name], description: `compile ${name}` }),
);

describe('what ninja prints', () => {
  let ended: string[];
  let parser: ProgressParser;
  const lines = (...all: string[]) => all.forEach((line) => void parser.line(line));

  beforeEach(() => {
    ended = [];
    parser = new ProgressParser({ edges }, mark, (edge) => ended.push(edge.description));
  });

  it('is kept by edge', () => {
    lines(
      'mark 1 2 1 compile b',
      'said',
      'mark 2 2 0 compile a',
      'FAILED: a ',
      'cc a',
      'error',
      'ninja: stopped',
    );
    assert.deepEqual(
      parser.end().map(({ edge, output, failed }) => [edge.outputs[0], output, failed]),
      [
        ['b', ['said'], false],
        ['a', ['error'], true],
      ],
    );
  });

  it('has each edge end once, however often a command says so', () => {
    lines('mark 1 2 0 compile a');
    for (let n = 0; n < 1000; n++)
      lines('mark 1 2 0 compile a', 'mark 2 2 1 compile b', 'mark 9 9 7 compile');
    assert.deepEqual(
      parser.end().map(({ edge }) => edge.outputs[0]),
      ['a', 'b'],
    );
    assert.deepEqual(ended, ['compile a', 'compile b']);
  });

  it('is kept as far as there is room, and the rest is counted', () => {
    lines('mark 1 2 0 compile a');
    const all = 2_000_000;
    for (let n = 0; n < all; n++) parser.line('');
    const [result] = parser.end();
    const kept = (result?.output.length ?? 0) - 1;
    assert.ok(kept > 200_000 && kept < 1_000_000, String(kept));
    assert.equal(result?.output.at(-1), `(${all - kept} more lines, which are not kept)`);
  });
});
