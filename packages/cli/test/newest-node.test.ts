import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bunnyDone, mainFile } from 'bunny-libos-testing/command/bunny.js';
import { copyOfApp, freshStore, warren, warrenTimeout } from 'bunny-libos-testing/frameworks/warren.js';
import { newestNode, newestNodeTimeout } from 'bunny-libos-testing/judges/newest-node.js';

describe('bunny, by the newest Node with long-term support', function () {
  this.timeout(60_000);
  let registry: string;
  let newest: readonly string[];

  before(async function () {
    this.timeout(warrenTimeout + newestNodeTimeout);
    newest = [newestNode(), mainFile];
    ({ registry } = await warren());
  });

  it('makes the lock and the image that this Node makes, also with the code kept of the run before', async () => {
    const make = async (command?: readonly string[]): Promise<Buffer[]> => {
      const app = await copyOfApp('hello');
      const options = { cwd: app, store: await freshStore(), ...(command && { command }) };
      const made: Buffer[] = [];
      for (let round = 0; round < 2; round++) {
        await bunnyDone(['resolve', '--from', registry], options);
        await bunnyDone(['build', '--arch', 'amd64', '--platform', 'linuxu', '-o', 'image'], options);
        made.push(await readFile(join(app, 'bunny.lock')), await readFile(join(app, 'image')));
      }
      return made;
    };
    assert.deepEqual(await make(newest), await make());
  });

  it('boots an image', async () => {
    const options = { cwd: await copyOfApp('hello'), store: (await warren()).store, command: newest };
    await bunnyDone(['resolve', '--from', registry], options);
    const { stdout } = await bunnyDone(['run', '--arch', 'amd64', '--platform', 'qemu'], options);
    assert.match(stdout, /^Hello from hello!/m);
  });
});
