import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bunny, type Finished } from 'bunny-libos-testing/command/bunny.js';
import { temporaryDirectory } from 'bunny-libos-testing/files/temporary.js';
import { appSources, copyOfApp, warren, warrenTimeout } from 'bunny-libos-testing/frameworks/warren.js';

const targets = [
  ['amd64', 'qemu'],
  ['arm64', 'qemu'],
  ['amd64', 'linuxu'],
] as const;

async function boot(app: string, arch: string, platform: string, words: string[] = []): Promise<Finished> {
  const { registry, store } = await warren();
  const target = ['--arch', arch, '--platform', platform, '--timeout', '60'];
  return bunny(['run', '--from', registry, ...target, ...words], { cwd: app, store });
}

/** Ends in the way that its first argument names. */
const crashes = `#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int fill(volatile char *above)
{
	volatile char here[256];

	here[0] = *above;
	return *above != 1 ? fill(here) + here[0] : 0;
}

int main(int argc, char **argv)
{
	volatile char start = 0;
	int *volatile null = NULL;

	if (argc > 1 && strcmp(argv[1], "null") == 0)
		return *null;
	if (argc > 1 && strcmp(argv[1], "stack") == 0)
		return fill(&start);
	if (argc > 1 && strcmp(argv[1], "opcode") == 0)
		__builtin_trap();
	if (argc > 1 && strcmp(argv[1], "assert") == 0)
		assert(argc == 0);
	abort();
}
`;

async function crashingApp(): Promise<string> {
  const app = join(await temporaryDirectory('crash'), 'crash');
  await mkdir(app);
  await writeFile(join(app, 'main.c'), crashes);
  await writeFile(
    join(app, 'Bunnyfile'),
    [
      'version: v0.1',
      'name: crash',
      'platforms: { framework: warren, version: ^1.0 }',
      'app: { sources: [main.c], flags: [-Wno-infinite-recursion] }',
      'dependencies: { libc: ^1.0 }',
      `targets: [${targets.map(([arch, platform]) => `{ arch: ${arch}, platform: ${platform} }`).join(', ')}]`,
    ].join('\n'),
  );
  return app;
}

describe('warren', function () {
  this.timeout(120_000);
  before(async function () {
    this.timeout(warrenTimeout);
    await warren();
  });

  for (const [arch, platform] of targets) {
    describe(`on ${arch}/${platform}`, () => {
      it('passes its own test', async () => {
        const { status, stdout, stderr } = await boot(await copyOfApp('selftest'), arch, platform);
        assert.match(stdout, /^[1-9]\d* checks, 0 failures\r?\n$/, stderr);
        assert.equal(status, 0, stdout);
      });

      it('takes turns between threads', async () => {
        const { status, stdout, stderr } = await boot(await copyOfApp('threads'), arch, platform);
        const turns = [1, 2, 3].flatMap((turn) => [`left: turn ${turn}`, `right: turn ${turn}`]);
        assert.deepEqual(
          stdout.trim().split(/\r?\n/),
          [...turns, 'slept long enough', '6 turns in all'],
          stderr,
        );
        assert.equal(status, 0);
      });

      it('reads files of the root file system', async () => {
        const words = await readFile(join(appSources, 'files/rootfs/words'));
        const sum = words.reduce((total, byte) => total + byte, 0);
        const arguments_ = ['--', 'usr/share/words', '/none'];
        const { status, stdout, stderr } = await boot(await copyOfApp('files'), arch, platform, arguments_);
        assert.deepEqual(
          stdout.split(/\r?\n/),
          [
            '/etc/motd',
            '/usr/share/words',
            ...words.toString().trimEnd().split('\n'),
            `usr/share/words: checksum ${sum}`,
            '/none: No such file or directory',
            '',
          ],
          stderr,
        );
        assert.equal(status, 1);
      });

      it('says how it ends when there is no way on, with status 125', async () => {
        const app = await crashingApp();
        const endings: Record<string, RegExp> = {
          null: /^crash: panic: (page fault|data abort) at 0x[0-9a-f]+, accessing 0\r?\n$/,
          stack: /^crash: panic: (page fault|data abort) at 0x[0-9a-f]+, accessing 0x[0-9a-f]+\r?\n$/,
          opcode: /^crash: panic: (invalid opcode|breakpoint) at 0x[0-9a-f]+\r?\n$/,
          assert: /main\.c:\d+: main: assertion failed: argc == 0\r?\naborted\r?\n$/,
          abort: /^aborted\r?\n$/,
        };
        for (const [way, said] of Object.entries(endings)) {
          const { status, stdout, stderr } = await boot(app, arch, platform, ['--', way]);
          assert.match(stdout, said, stderr);
          assert.equal(status, 125, way);
        }
      });
    });
  }
});
