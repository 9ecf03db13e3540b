import assert from 'node:assert/strict';
import { join } from 'node:path';
import { bunny, bunnyDone, bunnyError, bunnyJson } from 'bunny-libos-testing/command/bunny.js';
import { edit, writeFiles } from 'bunny-libos-testing/files/documents.js';
import { temporaryDirectory } from 'bunny-libos-testing/files/temporary.js';
import { toolingText, writeFramework } from 'bunny-libos-testing/frameworks/pair.js';
import { warren, warrenTimeout } from 'bunny-libos-testing/frameworks/warren.js';

describe('a base component that only some settings need', function () {
  this.timeout(60_000);
  let registry: string;
  let store: string;
  let app: string;
  let rules: string;

  before(async function () {
    this.timeout(warrenTimeout);
    const published = await warren();
    store = published.store;
    const sources = await temporaryDirectory('base-sources');
    await writeFramework(sources, 'crate', published.directory);
    rules = toolingText('crate', published.directory)
      .replace('platform: [linuxu] }', 'platform: [linuxu], pie: { values: [false, true], default: false } }')
      .replace('{ start: ^1.0 }', '{ start: ^1.0, reloc: { version: ^1.0, when: { pie: true } } }');
    await writeFiles(sources, {
      'tooling/tooling.yaml': rules,
      'reloc/component.yaml':
        'framework: crate\nname: reloc\nversion: 1.0.0\naffectedBy: [arch]\nsources: [reloc.c]\nmatrix: { arch: [amd64] }\n',
      'reloc/reloc.c': 'int relocated = 4;\n',
    });
    registry = `oci:${await temporaryDirectory('base-registry')}`;
    await bunnyDone(['publish', sources, '--to', registry], { store });
    app = await temporaryDirectory('base-app');
    await writeFiles(app, {
      Bunnyfile: `version: v0.1\nname: app\nplatforms: { framework: crate }\nregistries: ['${registry}']\napp: { sources: [main.c] }\nsettings: { pie: false }\n`,
      'main.c':
        'extern int relocated __attribute__((weak));\nint main(void) { return &relocated ? relocated : 1; }\n',
    });
  });

  const closure = async () => {
    const { targets } = await bunnyJson<{ targets: { components: { name: string }[] }[] }>(['resolve'], {
      cwd: app,
      store,
    });
    return targets.flatMap(({ components }) => components.map(({ name }) => name));
  };

  it('is in the closure where they hold, and only there', async () => {
    assert.deepEqual(await closure(), ['start']);
    assert.equal((await bunny(['run'], { cwd: app, store })).status, 1);
    await edit(join(app, 'Bunnyfile'), 'pie: false', 'pie: true');
    assert.deepEqual(await closure(), ['reloc', 'start']);
    assert.equal((await bunny(['run'], { cwd: app, store })).status, 4);
    const { stdout } = await bunnyDone(['why', 'reloc'], { cwd: app, store });
    assert.match(stdout, /every image -> reloc 1\.0\.0/);
  });

  it('names settings that exist', async () => {
    const place = await temporaryDirectory('base-refused');
    await writeFiles(place, { 'tooling.yaml': rules.replace('{ pie: true }', '{ pic: true }') });
    const { code, message, hint } = await bunnyError(['publish', place, '--to', registry], { store });
    assert.equal(code, 'BUNNY_ESETTING');
    assert.match(message, /targets\[0\]\.base\.reloc\.when: crate has no setting "pic"/);
    assert.match(hint ?? '', /pie/);
  });
});
