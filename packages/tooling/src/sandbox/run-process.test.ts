import assert from 'node:assert/strict';
import { runProcess } from './run-process.js';

const missing = () => new Error('there is no such program') as never;

describe('the output of a process', () => {
  it('is passed on by lines, whatever pieces it comes in', async () => {
    const lines: string[] = [];
    const script = 'printf "a\\nb"; sleep 0.05; printf "c\\n\\nd"';
    const { stdout } = await runProcess('sh', ['-c', script], {
      missing,
      onLine: (line) => lines.push(line),
    });
    assert.deepEqual(lines, ['a', 'bc', '', 'd']);
    assert.equal(stdout, 'a\nbc\n\nd');
  });

  it('may be one line without an end: it takes time in proportion, and is passed on in parts', async () => {
    let length = 0;
    const count = (line: string) => {
      length += line.length;
    };
    const start = performance.now();
    await runProcess('head', ['-c', '200000000', '/dev/zero'], { missing, onLine: count });
    assert.equal(length, 200_000_000);
    // It was looked at from its start for each piece, which took a minute.
    assert.ok(performance.now() - start < 20_000);
  });
});
