import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { bunnyDone } from './bunny.js';
import { temporaryDirectory } from './temporary.js';
import { warren, warrenTimeout } from './warren.js';

const page = new URL('../../../../docs/how-to/library-os.md', import.meta.url);

describe('docs/how-to/library-os.md', function () {
  this.timeout(warrenTimeout);

  it('gives a library OS that is published and boots, as it stands there', async () => {
    const { directory, store } = await warren();
    const cwd = await temporaryDirectory('library-os');
    const text = await readFile(page, 'utf8');
    const blocks = [...text.matchAll(/^`([^`]+)`:\n\n```\w+\n(.*?)^```/gms)];
    assert.equal(blocks.length, 4);
    for (const [, path = '', content = ''] of blocks) {
      await mkdir(dirname(join(cwd, path)), { recursive: true });
      await writeFile(join(cwd, path), content.replace('../../build/quickstart/registry', directory));
    }
    const [, script = ''] = /^```sh\n(.*?)^```/ms.exec(text) ?? [];
    const commands = script
      .trim()
      .split('\n')
      .map((line) => line.replace(/#.*/, '').trim().split(/\s+/));
    assert.ok(commands.every(([program]) => program === 'bunny'));
    let stdout = '';
    for (const [, ...words] of commands) ({ stdout } = await bunnyDone(words, { cwd, store }));
    assert.equal(stdout, 'Hello from first\n');
  });
});
