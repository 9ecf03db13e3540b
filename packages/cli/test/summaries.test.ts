import assert from 'node:assert/strict';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bunnyDone } from 'bunny-libos-testing/command/bunny.js';
import { edit } from 'bunny-libos-testing/files/documents.js';
import { temporaryDirectory } from 'bunny-libos-testing/files/temporary.js';
import { writeTinyLibos, writeTinyVersion } from 'bunny-libos-testing/frameworks/tiny.js';

describe('the summary of a command', function () {
  this.timeout(60_000);

  it('gives the time that it took, with the root file system that had to be made first', async () => {
    const sources = await temporaryDirectory('tiny');
    await writeTinyLibos(sources);
    const one = await writeTinyVersion(sources, '1.0.0');
    const script = join(sources, 'tooling', 'make-root');
    await writeFile(script, '#!/bin/sh\nfor last; do :; done\nsleep 1.5\ncp -r root/. "$last"\n');
    await chmod(script, 0o755);
    const rules = join(sources, 'tooling', 'tooling.yaml');
    await edit(rules, '{ directory: root }', '{ command: { run: [./make-root], inputs: [make-root] } }');
    const words = ['publish', join(sources, 'tooling'), one, '--to', `oci:${join(sources, 'registry')}`];
    const begun = performance.now();
    const { stderr } = await bunnyDone([...words, '--allow-commands'], { store: join(sources, 'store') });
    const took = (performance.now() - begun) / 1000;
    const told = Number(/Published .* in (\d+\.\d+) s/.exec(stderr)?.[1]);
    assert.ok(told >= 1.5 && told <= took, `it says ${told} s, and took ${took} s:\n${stderr}`);
  });
});
