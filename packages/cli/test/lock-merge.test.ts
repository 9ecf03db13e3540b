import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Lock } from 'bunny-libos-spec';
import { bunnyDone, bunnyError } from 'bunny-libos-testing/command/bunny.js';
import { temporaryDirectory } from 'bunny-libos-testing/files/temporary.js';
import { type Warren, warren, warrenTimeout } from 'bunny-libos-testing/frameworks/warren.js';

const bunnyfile = `version: v0.1
platforms: { framework: warren, version: ^1.0 }
targets: [amd64/linuxu]

# ours
options: {}

dependencies:
  libc: ^1.0
`;

describe('a lock that git could not merge', function () {
  this.timeout(60_000);
  let published: Warren;
  let app: string;

  before(async function () {
    this.timeout(warrenTimeout);
    published = await warren();
  });

  const options = () => ({ cwd: app, store: published.store, env: { BUNNY_REGISTRY: published.registry } });

  function git(...words: string[]): void {
    const identity = ['-c', 'user.name=Tester', '-c', 'user.email=tester@example.com'];
    const env = { PATH: process.env.PATH, HOME: app, GIT_CONFIG_NOSYSTEM: '1' };
    execFileSync('git', [...identity, '-C', app, ...words], { env, stdio: 'pipe' });
  }

  const closure = async () => {
    const lock = JSON.parse(await readFile(join(app, 'bunny.lock'), 'utf8')) as Lock;
    return lock.targets[0]?.components.map(({ name, version }) => `${name} ${version}`) ?? [];
  };

  it('is written anew by the next command, with the pins of both sides', async () => {
    app = await temporaryDirectory('merge');
    await writeFile(join(app, 'Bunnyfile'), bunnyfile);
    await bunnyDone(['resolve'], options());
    git('init', '--quiet', '--initial-branch', 'main');
    git('add', '.');
    git('commit', '--quiet', '--message', 'base');

    git('checkout', '--quiet', '-b', 'theirs');
    await bunnyDone(['add', 'time@~1.0.0'], options());
    git('commit', '--quiet', '--all', '--message', 'theirs');

    git('checkout', '--quiet', 'main');
    const text = await readFile(join(app, 'Bunnyfile'), 'utf8');
    await writeFile(join(app, 'Bunnyfile'), text.replace('options: {}', 'options: { main: { log: 2 } }'));
    await bunnyDone(['resolve'], options());
    git('commit', '--quiet', '--all', '--message', 'ours');

    // The Bunnyfile merges by itself; of the lock each side has changed the same line.
    assert.throws(() => git('merge', '--quiet', 'theirs'));
    assert.match(await readFile(join(app, 'bunny.lock'), 'utf8'), /^<{7} HEAD$/m);
    const { code, where } = await bunnyError(['resolve', '--frozen'], options());
    assert.equal(code, 'BUNNY_ELOCKCONFLICT');
    assert.equal(typeof where === 'object' && where.line, 4);

    await bunnyDone(['resolve'], options());
    assert.deepEqual(await closure(), [
      'args 1.1.1',
      'console 1.0.0',
      'libc 1.0.0',
      'main 1.0.0',
      'plat-linuxu 1.0.0',
      'time 1.0.0',
    ]);
    await bunnyDone(['resolve', '--frozen', '--offline'], options());
  });
});
