import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

describe('the README', () => {
  it('has an example that prints what it says it prints', () => {
    const directory = fileURLToPath(new URL('../../', import.meta.url));
    const [, example = ''] = /```js\n(.*?)```/s.exec(readFileSync(`${directory}README.md`, 'utf8')) ?? [];
    const said = [...example.matchAll(/^\s*\/\/ (.*)$/gm)].map(([, line]) => line).join('\n');
    const printed = execFileSync(process.execPath, ['--input-type=module', '--eval', example], {
      cwd: directory,
      encoding: 'utf8',
    });
    assert.equal(printed.trimEnd(), said);
  });
});
