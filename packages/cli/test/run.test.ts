import assert from 'node:assert/strict';
import { bunny } from './bunny.js';
import { copyOfApp, warren, warrenTimeout } from './warren.js';

describe('bunny run', function () {
  this.timeout(60_000);
  before(async function () {
    this.timeout(warrenTimeout);
    await warren();
  });

  for (const target of ['amd64/qemu', 'arm64/qemu', 'amd64/linuxu']) {
    const [arch = '', platform = ''] = target.split('/');

    it(`boots ${target}: the greeting, the arguments, the status`, async () => {
      const { registry, store } = await warren();
      const app = await copyOfApp('hello');
      const words = [
        'run',
        '--from',
        registry,
        '--arch',
        arch,
        '--platform',
        platform,
        '--timeout',
        '60',
        '--',
      ];
      const result = await bunny([...words, '--status=7', 'two words', `"it's"`, ''], { cwd: app, store });
      assert.equal(result.status, 7, result.stderr);
      assert.deepEqual(result.stdout.split(/\r?\n/), [
        'Hello from hello!',
        'argument 1: --status=7',
        'argument 2: two words',
        `argument 3: "it's"`,
        'argument 4: ',
        '',
      ]);
    });
  }
});
