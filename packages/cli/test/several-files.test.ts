import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bunny, bunnyDone, bunnyError, bunnyJson } from 'bunny-libos-testing/command/bunny.js';
import { edit, writeFiles } from 'bunny-libos-testing/files/documents.js';
import { temporaryDirectory } from 'bunny-libos-testing/files/temporary.js';
import { toolingText, writeFramework } from 'bunny-libos-testing/frameworks/pair.js';
import { warren, warrenTimeout } from 'bunny-libos-testing/frameworks/warren.js';

/** Steps of a target whose image is four files: what the monitor is given is made from two others. */
const steps = `
    rootfs: initrd
    files: [motto]
    postLink:
      - { name: strip, command: x86_64-linux-gnu-objcopy -S $linked $out }
      - { name: copy, output: copy, command: x86_64-linux-gnu-objcopy -I binary -O binary $rootfs $out }
      - name: list
        output: list
        command:
          - sh
          - -c
          - 'while read -r name version hash; do echo "$$name $$version"; done < "$$1" > "$$2"; read -r motto < "$$3"; echo "$$motto" >> "$$2"'
          - sh
          - $components
          - $out
          - $motto
      - { name: seal, output: seal, command: x86_64-linux-gnu-objcopy -I binary -O binary $list $out }
    monitor: { command: cat $seal $motto, rootfs: $rootfs }`;

describe('an image of several files', function () {
  this.timeout(60_000);
  let registry: string;
  let store: string;
  let app: string;

  before(async function () {
    this.timeout(warrenTimeout);
    const published = await warren();
    store = published.store;
    const sources = await temporaryDirectory('several-sources');
    await writeFramework(sources, 'crate', published.directory);
    const text = toolingText('crate', published.directory)
      .replace('\n    monitor: { command: $image }', () => steps)
      .replace('{ start: ^1.0 }', '{ start: ^1.0, motto: ^1.0 }');
    await writeFiles(sources, {
      'tooling/tooling.yaml': text,
      'motto/component.yaml':
        'framework: crate\nname: motto\nversion: 1.0.0\naffectedBy: []\nfiles: [{ file: motto.txt, name: motto }, { directory: share, rootfs: /share }]\nmatrix: {}\n',
      'motto/motto.txt': 'all in one\n',
      'motto/share/deep/note': 'a note\n',
    });
    registry = `oci:${await temporaryDirectory('several-registry')}`;
    await bunnyDone(['publish', sources, '--to', registry], { store });
    app = await temporaryDirectory('several-app');
    await writeFiles(app, {
      Bunnyfile: `version: v0.1\nname: app\nplatforms: { framework: crate }\nregistries: ['${registry}']\napp: { sources: [main.c] }\ndependencies: { say: ^1.0 }\nrootfs: { include: ['data:/data'] }\n`,
      'main.c': '#include <say.h>\nint main(void) { say("hi"); return 0; }\n',
      data: 'one\n',
    });
  });

  const file = (ending: string) => readFile(join(app, `build/app-amd64-linuxu${ending}`));

  it('writes each beside the image, made in order from what is before it', async () => {
    await bunnyDone(['build'], { cwd: app, store });
    assert.equal((await file('.list')).toString(), 'motto 1.0.0\nsay 1.0.0\nstart 1.0.0\nall in one\n');
    assert.ok((await file('.seal')).equals(await file('.list')));
    assert.ok((await file('.copy')).equals(await file('.initrd')));
    assert.match((await file('.copy')).toString('latin1'), /share\/deep\/note/);
    const record = JSON.parse((await file('.record.json')).toString());
    const names = Object.keys(record.outputs).sort();
    assert.deepEqual(
      names,
      ['', '.copy', '.initrd', '.list', '.seal'].map((ending) => `app-amd64-linuxu${ending}`),
    );
  });

  it('gives them to the monitor by their names', async () => {
    const { stdout, status } = await bunny(['run'], { cwd: app, store });
    assert.equal(status, 0);
    assert.ok(stdout.startsWith('motto 1.0.0\nsay 1.0.0\nstart 1.0.0\nall in one\nall in one\n'));
    assert.match(stdout, /share\/deep\/note/);
  });

  it('runs nothing where nothing has changed, and just what reads the root file system where that has', async () => {
    const build = async () => (await bunnyJson<{ ran: number }>(['build'], { cwd: app, store })).ran;
    assert.equal(await build(), 0);
    await edit(join(app, 'data'), 'one', 'two');
    assert.equal(await build(), 1);
    assert.match((await file('.copy')).toString('latin1'), /two/);
    assert.equal(await build(), 0);
  });

  it('says once what a compiler says of a source', async () => {
    await edit(join(app, 'main.c'), '#include', '#warning look\n#include');
    for (const _ of ['compiled', 'kept']) {
      const { stderr } = await bunnyDone(['build'], { cwd: app, store });
      assert.equal(stderr.split('warning: #warning look').length, 2, stderr);
    }
    await edit(join(app, 'main.c'), '#warning look\n', '');
  });

  it('puts them into an OCI image', async () => {
    await bunnyDone(['build', '--type', 'oci', '--tag', `oci:${join(app, 'out')}:latest`], {
      cwd: app,
      store,
    });
    assert.ok(existsSync(join(app, 'out/oci-layout')));
  });

  it('refuses rules whose names clash, and files that nobody has', async () => {
    const { directory: root } = await warren();
    const refused = async (change: (text: string) => string) => {
      const place = await temporaryDirectory('several-refused');
      const text = toolingText('crate', root).replace('\n    monitor: { command: $image }', () => steps);
      await writeFiles(place, { 'tooling.yaml': change(text) });
      return await bunnyError(['publish', place, '--to', registry], { store });
    };
    const unknown = await refused((text) => text.replace('$list $out', '$lists $out'));
    assert.equal(unknown.code, 'BUNNY_ETEMPLATE');
    assert.match(unknown.message, /unknown variable \$lists/);
    const twice = await refused((text) => text.replace('output: seal', 'output: list'));
    assert.match(twice.message, /the output list is listed twice/);
    const taken = await refused((text) => text.replace('output: seal', 'output: initrd'));
    assert.match(taken.message, /the file initrd has the name of something else/);
    const early = await refused((text) => text.replace('$linked $out', '$seal $out'));
    assert.match(early.message, /unknown variable \$seal/);
  });
});
