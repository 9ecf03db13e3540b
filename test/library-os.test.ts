import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { bunny, bunnyDone } from 'bunny-libos-testing/command/bunny.js';
import { writeFiles } from 'bunny-libos-testing/files/documents.js';
import { temporaryDirectory } from 'bunny-libos-testing/files/temporary.js';
import { warren, warrenTimeout } from 'bunny-libos-testing/frameworks/warren.js';
import { repositoryFile } from 'bunny-libos-testing/repository.js';

const page = repositoryFile('docs/how-to/library-os.md');

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

    // Its `preprocess` finds who has a header that is not there yet.
    await writeFiles(cwd, {
      'tiny/clock/component.yaml': [
        'framework: tiny',
        'name: clock',
        'version: 0.1.0',
        'sources: [clock.c]',
        'include: [include]',
        'matrix: { arch: [amd64], platform: [linuxu] }',
        '',
      ].join('\n'),
      'tiny/clock/clock.c': 'int clock(void) { return 7; }\n',
      'tiny/clock/include/clock.h': 'int clock(void);\n',
      'second/Bunnyfile': 'version: v0.1\nname: second\nplatforms: { framework: tiny }\ndependencies: auto\n',
      'second/main.c': '#include <clock.h>\n\nint app_main(void)\n{\n\treturn clock();\n}\n',
    });
    await bunnyDone(['publish', 'tiny', '--to', 'oci:tiny-registry'], { cwd, store });
    const second = await bunny(['run', '-f', 'second', '--from', 'oci:tiny-registry'], { cwd, store });
    assert.equal(second.status, 7, second.stderr);
    assert.match(await readFile(join(cwd, 'second/Bunnyfile'), 'utf8'), /clock: \^0\.1/);
  });
});
