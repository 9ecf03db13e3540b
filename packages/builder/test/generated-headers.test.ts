import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { type SmallLibos, smallLibos, type TestApp, testApp } from 'bunny-libos-testing/frameworks/small.js';
import { build } from '../src/build.js';
import { AppViewer } from '../src/infer/app-view.js';
import type { BuildProgress } from '../src/plan/build-request.js';

/** Numbers for all components, and an object of its own that uses them. */
const generators = [
  {
    name: 'numbers',
    kind: 'header',
    command: [
      ...['sh', '-c'],
      'number=0; while read -r name rest; do echo "#define NUMBER_$$name $$number"; number=$$((number + 1)); done <"$$1" >"$$2"',
      ...['sh', '$components', '$out'],
    ],
    output: 'small/numbers.h',
    defines: [],
  },
  {
    name: 'count',
    command: [
      ...['sh', '-c'],
      '{ echo "#include <small/numbers.h>"; echo "const int id_$$1 = NUMBER_say;"; } >"$$2"',
      ...['sh', '$identifier', '$out'],
    ],
    output: 'count.c',
    defines: ['id_$identifier'],
  },
] as const;

const app = {
  'src/main.c': `#include <small/say.h>
#include "own.h"
extern const int id_hello;
int main(void) { say(TEXT); return NUMBER_say * 10 + id_hello; }
`,
  // Not found but by way of the app's own header, where only a compiler sees it.
  'src/own.h':
    '#include <small/numbers.h>\n#ifndef NUMBER_plat\n#error no numbers\n#endif\n#define TEXT "numbered\\n"\n',
};

describe('headers that are made for an image', function () {
  this.timeout(300_000);
  let libos: SmallLibos;
  let made: TestApp;

  before(async () => {
    libos = await smallLibos(generators);
  });
  after(() => libos.remove());
  beforeEach(() => {
    made = testApp(app);
  });
  afterEach(() => made.remove());

  it('are included by the app and by what else is generated, and follow the closure', async () => {
    const { image } = await build(made.request(libos, ['plat', 'say']));
    assert.deepEqual(status(image), { stdout: 'numbered\n', status: 11 });
    await libos.add('first', '1.0.0', { 'objects/first.c': 'int first;\n' });
    const seen: string[] = [];
    const onProgress = (progress: BuildProgress) => {
      if (progress.kind === 'step') seen.push(progress.description);
    };
    const again = await build(made.request(libos, ['first', 'plat', 'say'], { onProgress }));
    assert.equal(status(again.image).status, 22);
    assert.ok(seen.indexOf('generate small/numbers.h') < seen.indexOf('compile src/main.c'));
  });

  it('are not looked for in components when dependencies are inferred', async () => {
    const direct = testApp({ 'src/main.c': '#include <small/numbers.h>\n#include <small/say.h>\n' });
    const { target: alone, ...asked } = direct.request(libos, ['plat']);
    const included = await new AppViewer(asked).headersIncluded(alone);
    direct.remove();
    assert.deepEqual(included, ['small/say.h']);
    const { target, ...request } = made.request(libos, ['plat', 'say']);
    const view = await new AppViewer(request).view(target);
    assert.deepEqual(view.missingHeaders, []);
    assert.deepEqual([...(view.symbols?.undefined.keys() ?? [])], ['say'], 'the generated id is known');
  });
});

function status(image: string) {
  const { stdout, status: code } = spawnSync(image, { encoding: 'utf8' });
  return { stdout, status: code };
}
