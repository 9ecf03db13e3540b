import assert from 'node:assert/strict';
import { join } from 'node:path';
import { bunnyDone, bunnyError } from 'bunny-libos-testing/command/bunny.js';
import { writeComponent, writeFiles } from 'bunny-libos-testing/files/documents.js';
import { temporaryDirectory } from 'bunny-libos-testing/files/temporary.js';
import { copyOfWarren, type Warren, warren, warrenTimeout } from 'bunny-libos-testing/frameworks/warren.js';

describe('two components with a header of one path', function () {
  this.timeout(60_000);
  let to: Warren;
  let cwd: string;

  before(async function () {
    this.timeout(warrenTimeout);
    await warren();
    to = await copyOfWarren();
    cwd = await temporaryDirectory('clash');
    for (const [name, value] of [
      ['left', 1],
      ['right', 2],
    ] as const) {
      await writeComponent(cwd, name, [], {
        'src/code.c': `int ${name}(void) { return ${value}; }\n`,
        'include/common/shared.h': `#define SHARED ${value}\n`,
        [`include/${name}.h`]: `int ${name}(void);\n`,
      });
    }
    await bunnyDone(['publish', 'left', 'right', '--to', to.registry], { cwd, store: to.store });
  });

  const publish = (...words: string[]) =>
    bunnyError(['publish', ...words, '--to', to.registry], { cwd, store: to.store });

  it('are not compiled with by anything published: which one is meant would hang on the alphabet', async () => {
    await writeComponent(cwd, 'both', ['dependencies: { left: ^1.0, right: ^1.0 }'], {
      'src/code.c':
        '#include <common/shared.h>\n#include <left.h>\n#include <right.h>\nint both(void) { return left() + right() + SHARED; }\n',
    });
    const error = await publish('both');
    assert.deepEqual([error.status, error.code], [2, 'BUNNY_EDUPLICATE']);
    assert.equal(error.message, 'left 1.0.0 and right 1.0.0 both have a header common/shared.h');
    assert.match(JSON.stringify(error.where), /both\/component\.yaml/);
    assert.deepEqual(await publish('both', '--dry-run'), error);
  });

  it('are refused where one is of the component itself', async () => {
    await writeComponent(cwd, 'own', ['dependencies: { left: ^1.0 }'], {
      'src/code.c': '#include <left.h>\nint own(void) { return left(); }\n',
      'include/common/shared.h': '',
      'include/left.h': 'int left(void);\n',
    });
    const error = await publish('own');
    assert.deepEqual([error.status, error.code], [2, 'BUNNY_EDUPLICATE']);
    assert.equal(error.message, '2 headers are of two components each');
    assert.deepEqual(error.details, [
      'common/shared.h: own 1.0.0 and left 1.0.0',
      'left.h: own 1.0.0 and left 1.0.0',
    ]);
  });

  it('are told of for all that are published', async () => {
    const error = await publish('both', 'own', '--dry-run');
    assert.equal(error.message, '2 variants are compiled with two headers of one path');
    assert.deepEqual(
      error.details.filter((line) => line.endsWith(':')),
      [
        'left 1.0.0 and right 1.0.0 both have a header common/shared.h:',
        '2 headers are of two components each:',
      ],
    );
  });

  it('make no image', async () => {
    await writeFiles(join(cwd, 'app'), {
      Bunnyfile: [
        'version: v0.1',
        'name: app',
        'platforms: { framework: warren, monitor: linuxu, architecture: amd64 }',
        'dependencies: { libc: ^1.0, left: ^1.0, right: ^1.0 }',
        '',
      ].join('\n'),
      'main.c': '#include <common/shared.h>\nint main(void) { return SHARED; }\n',
    });
    const words = ['build', '-f', 'app/Bunnyfile', '--from', to.registry];
    const error = await bunnyError(words, { cwd, store: to.store });
    assert.deepEqual([error.status, error.code], [5, 'BUNNY_EDUPLICATE']);
    assert.equal(error.message, 'left 1.0.0 and right 1.0.0 both have a header common/shared.h');
    assert.deepEqual(error.where, { file: 'app/Bunnyfile', line: 4, column: 15 });
  });
});
