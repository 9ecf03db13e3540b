import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startBunny } from 'bunny-libos-testing/command/bunny.js';
import { temporaryDirectory } from 'bunny-libos-testing/files/temporary.js';

describe('Ctrl-C while a registry does not answer', function () {
  this.timeout(60_000);
  const commands = [
    'inspect REF/warren/libc',
    'inspect REF/warren/libc:1.0.0',
    'login HOST -u alice --password-stdin',
    'search --framework warren --from REF',
    'index rebuild REF/warren/libc',
  ];

  for (const command of commands) {
    it(`ends bunny ${command.split(' -')[0]}`, async () => {
      const registry = createServer(() => undefined).listen(0, '127.0.0.1');
      try {
        await once(registry, 'listening');
        const host = `127.0.0.1:${(registry.address() as AddressInfo).port}`;
        const words = command.replace('REF', `${host}/libos`).replace('HOST', host).split(' ');
        const store = await temporaryDirectory('store');
        const { child, finished } = startBunny(words, { store, input: 'secret' });
        await once(registry, 'request');
        child.kill('SIGINT');
        const { status, stderr } = await finished;
        assert.deepEqual([status, stderr], [130, 'cancelled: finished work is kept\n']);
      } finally {
        registry.closeAllConnections();
        registry.close();
      }
    });
  }
});

describe('Ctrl-C while nobody gives the password', function () {
  this.timeout(60_000);

  it('ends bunny login', async () => {
    const words = ['login', 'registry.invalid', '-u', 'alice', '--password-stdin', '--plain-http'];
    // Its input is one that stays silent for longer than a command has to end.
    const silent = ['bash', '-c', 'exec "$@" < <(exec sleep 15 2> /dev/null)', 'bash'];
    const { child, finished } = startBunny(words, {
      store: await temporaryDirectory('store'),
      through: silent,
    });
    if (child.stderr !== null) await once(child.stderr, 'data');
    child.kill('SIGINT');
    const { status, stderr } = await finished;
    assert.equal(status, 130);
    assert.match(stderr, /\ncancelled: /);
  });
});
