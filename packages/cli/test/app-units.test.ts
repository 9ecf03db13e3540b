import assert from 'node:assert/strict';
import { join } from 'node:path';
import { bunny, bunnyDone, bunnyError, bunnyJson } from 'bunny-libos-testing/command/bunny.js';
import { edit, writeFiles } from 'bunny-libos-testing/files/documents.js';
import { temporaryDirectory } from 'bunny-libos-testing/files/temporary.js';
import { toolingText, writeFramework } from 'bunny-libos-testing/frameworks/pair.js';
import { warren, warrenTimeout } from 'bunny-libos-testing/frameworks/warren.js';

/** A language whose compiler takes all files of an app at once. */
const language = `
languages:
  whole:
    files: '*.w.c'
    unit: app
    compile:
      - sh
      - -c
      - >-
        out=$$1; shift; flags=; while [ "$$1" != -- ]; do flags="$$flags $$1"; shift; done; shift;
        for each; do echo "#include \\"$$each\\""; done |
        x86_64-linux-gnu-gcc-12 -ffreestanding -fno-pic -fno-pie -fno-stack-protector -O1 $$flags -x c -c -o "$$out" -
      - sh
      - $out
      - $includes
      - $defines
      - $flags
      - '--'
      - $in`;

describe('a language whose unit is the app', function () {
  this.timeout(60_000);
  let registry: string;
  let store: string;
  let app: string;

  before(async function () {
    this.timeout(warrenTimeout);
    const published = await warren();
    store = published.store;
    const sources = await temporaryDirectory('unit-sources');
    await writeFramework(sources, 'crate', published.directory);
    const text = toolingText('crate', published.directory).replace('\nlanguages:', () => language);
    await writeFiles(sources, { 'tooling/tooling.yaml': text });
    registry = `oci:${await temporaryDirectory('unit-registry')}`;
    await bunnyDone(['publish', sources, '--to', registry], { store });
    app = await temporaryDirectory('unit-app');
    await writeFiles(app, {
      Bunnyfile: `version: v0.1\nname: app\nplatforms: { framework: crate }\nregistries: ['${registry}']\napp: { sources: ['*.c'], defines: { STATUS: 5 } }\ndependencies: { say: ^1.0 }\n`,
      'main.w.c':
        '#include <say.h>\nint part(void);\nint plain(void);\nint main(void) { say("whole"); return part() + plain(); }\n',
      'part.w.c': 'int part(void) { return STATUS; }\n',
      'plain.c': 'int plain(void) { return 1; }\n',
    });
  });

  it('is compiled by one command, beside languages that are not', async () => {
    const { steps } = await bunnyJson<{ steps: { kind: string; inputs: string[] }[] }>(
      ['build', '--dry-run'],
      { cwd: app, store },
    );
    assert.deepEqual(
      steps.filter(({ kind }) => kind === 'compile').map(({ inputs }) => inputs),
      [['plain.c'], ['main.w.c', 'part.w.c']],
    );
    const { status, stdout, stderr } = await bunny(['run'], { cwd: app, store });
    assert.equal(status, 6, stderr);
    assert.equal(stdout, 'crate: whole\n');
  });

  it('is compiled again where any of its files has changed', async () => {
    await edit(join(app, 'part.w.c'), 'STATUS', 'STATUS + 1');
    const { status } = await bunny(['run'], { cwd: app, store });
    assert.equal(status, 7);
    const { ran } = await bunnyJson<{ ran: number }>(['build'], { cwd: app, store });
    assert.equal(ran, 0);
  });

  it('has no place in a component, and no name of one file', async () => {
    const place = await temporaryDirectory('unit-component');
    await writeFiles(place, {
      'component.yaml':
        'framework: crate\nname: part\nversion: 1.0.0\nsources: [a.w.c]\naffectedBy: [arch]\nmatrix: { arch: [amd64] }\n',
      'a.w.c': 'int a;\n',
    });
    const { code, message } = await bunnyError(['publish', place, '--to', registry], { store });
    assert.equal(code, 'BUNNY_ELANGUAGE');
    assert.match(message, /a\.w\.c is whole, which is compiled with an app as a whole/);
    const { directory: root } = await warren();
    const text = toolingText('crate', root).replace('\nlanguages:', () =>
      language.replace('- $in', '- $in\n      - $basename'),
    );
    await writeFiles(place, { 'tooling/tooling.yaml': text });
    const wrong = await bunnyError(['publish', join(place, 'tooling'), '--to', registry], { store });
    assert.equal(wrong.code, 'BUNNY_ETEMPLATE');
  });
});
