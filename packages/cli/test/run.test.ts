import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { bunny, bunnyDone, bunnyError, startBunny } from 'bunny-libos-testing/command/bunny.js';
import { writeFiles } from 'bunny-libos-testing/files/documents.js';
import { temporaryDirectory } from 'bunny-libos-testing/files/temporary.js';
import { copyOfApp, warren, warrenTimeout } from 'bunny-libos-testing/frameworks/warren.js';

const targets = ['amd64/qemu', 'arm64/qemu', 'amd64/linuxu'];

const flagsOf = (target: string) => {
  const [arch = '', platform = ''] = target.split('/');
  return ['--arch', arch, '--platform', platform, '--timeout', '60'];
};

describe('bunny run', function () {
  this.timeout(60_000);
  let hello: string;
  const sums = new Set<string>();

  before(async function () {
    this.timeout(warrenTimeout);
    const { registry, store } = await warren();
    hello = await copyOfApp('hello');
    await bunnyDone(['resolve', '--from', registry, '--quiet'], { cwd: hello, store });
  });

  const run = async (cwd: string, ...words: string[]) => {
    const { registry, store } = await warren();
    return await bunny(['run', '--from', registry, ...words], { cwd, store });
  };

  for (const target of targets) {
    describe(target, () => {
      it('prints the greeting and the arguments, blanks and quotes kept, and returns the status', async () => {
        const words = ['--status=7', 'two words', `"it's"`, 'back\\slash', ''];
        const { status, stdout, stderr } = await run(hello, ...flagsOf(target), '--', ...words);
        assert.equal(status, 7, stderr);
        assert.equal(
          stdout.replaceAll('\r', ''),
          [
            'Hello from hello!',
            'argument 1: --status=7',
            'argument 2: two words',
            `argument 3: "it's"`,
            'argument 4: back\\slash',
            'argument 5: ',
            '',
          ].join('\n'),
        );
      });

      it('runs threads that take turns and sleep', async () => {
        const { status, stdout, stderr } = await run(await copyOfApp('threads'), ...flagsOf(target));
        assert.equal(status, 0, stderr);
        const lines = stdout.replaceAll('\r', '').split('\n');
        assert.deepEqual(lines.slice(0, 4), [
          'left: turn 1',
          'right: turn 1',
          'left: turn 2',
          'right: turn 2',
        ]);
        assert.ok(lines.includes('slept long enough') && lines.includes('6 turns in all'), stdout);
      });

      it('reads files of the root file system, which `cmd` names where no argument does', async () => {
        const app = await copyOfApp('files');
        const { status, stdout, stderr } = await run(app, ...flagsOf(target));
        assert.equal(status, 0, stderr);
        const motd = await readFile(join(app, 'rootfs/motd'), 'utf8');
        const text = stdout.replaceAll('\r', '');
        assert.ok(text.includes(motd), text);
        // The sum that the assembly of one architecture makes is that of the other.
        sums.add(/^\/etc\/motd: checksum \d+$/m.exec(text)?.[0] ?? 'none');
        assert.equal(sums.size, 1);
        assert.ok(!sums.has('none'), text);
        if (target !== 'amd64/linuxu') return;
        const missing = await run(app, ...flagsOf(target), '--', '/nope');
        assert.equal(missing.status, 1);
        assert.match(missing.stdout, /^\/nope: /m);
      });
    });
  }

  it('keeps everything but the console off stdout', async () => {
    const { stdout, stderr } = await run(await copyOfApp('hello'), '--platform', 'linuxu');
    assert.equal(stdout, 'Hello from hello!\n');
    assert.match(stderr, /Resolved again, wrote bunny\.lock/);
    assert.match(stderr, /Built build\/hello-amd64-linuxu/);
    const quiet = await run(hello, '--platform', 'linuxu', '--quiet');
    assert.deepEqual([quiet.stdout, quiet.stderr], ['Hello from hello!\n', '']);
  });

  it('tells the status in one JSON document with --json, the console on stderr', async () => {
    const { status, stdout, stderr } = await run(hello, '--platform', 'linuxu', '--json', '--', '--status=3');
    assert.equal(status, 3);
    assert.deepEqual(JSON.parse(stdout), {
      arch: 'amd64',
      platform: 'linuxu',
      image: 'build/hello-amd64-linuxu',
      status: 3,
    });
    assert.match(stderr, /^Hello from hello!$/m);
  });

  it('passes flags after -- on to the app, and takes those before it', async () => {
    const { stdout } = await run(
      hello,
      '--platform',
      'linuxu',
      '--quiet',
      '--',
      '--help',
      '--json',
      '--',
      'x',
    );
    assert.deepEqual(stdout.trimEnd().split('\n').slice(1), [
      'argument 1: --help',
      'argument 2: --json',
      'argument 3: --',
      'argument 4: x',
    ]);
  });

  describe('an app that never ends', () => {
    let forever: string;

    before(async () => {
      forever = await temporaryDirectory('app');
      await writeFiles(forever, {
        Bunnyfile: [
          'version: v0.1',
          'name: forever',
          'platforms: { framework: warren, monitor: qemu, architecture: amd64 }',
          'dependencies: { libc: ^1.0 }',
          'targets: [{ arch: amd64, platform: qemu }, { arch: amd64, platform: linuxu }]',
          '',
        ].join('\n'),
        'src/main.c':
          '#include <stdio.h>\nint main(int argc, char **argv) { puts("forever"); for (;;) if (argc > 1) puts(argv[1]); }\n',
      });
      const { registry, store } = await warren();
      for (const platform of ['qemu', 'linuxu']) {
        const words = ['build', '--from', registry, '--platform', platform, '--quiet'];
        await bunnyDone(words, { cwd: forever, store });
      }
    });

    // On a busy machine an emulator takes its time until the app begins.
    for (const [platform, seconds] of [
      ['qemu', '4'],
      ['linuxu', '1'],
    ] as const) {
      it(`is ended by --timeout on ${platform}`, async () => {
        const { store } = await warren();
        const words = ['run', '--platform', platform, '--timeout', seconds];
        const { status, stdout, stderr } = await bunny(words, { cwd: forever, store });
        assert.equal(status, 1);
        assert.equal(stdout.trimEnd(), 'forever');
        assert.match(stderr, new RegExp(`^error\\[BUNNY_ETIMEOUT\\]: not finished after ${seconds} s$`, 'm'));
        assert.deepEqual(await monitorsOf(forever), []);
      });
    }

    for (const platform of ['qemu', 'linuxu']) {
      it(`is ended by Ctrl-C on ${platform}, and nothing is left behind`, async () => {
        const { child, finished } = await booted('--platform', platform);
        assert.notDeepEqual(await monitorsOf(forever), []);
        child.kill('SIGINT');
        const { status, stderr } = await finished;
        assert.equal(status, 130, stderr);
        assert.match(stderr, /^the app was ended$/m);
        while ((await monitorsOf(forever)).length > 0) await sleep(5);
      });
    }

    /** Runs it until it has printed something. */
    async function booted(...words: string[]): Promise<ReturnType<typeof startBunny>> {
      const { store } = await warren();
      const started = startBunny(['run', ...words], { cwd: forever, store });
      let seen = '';
      started.child.stdout?.on('data', (text: string) => {
        seen += text;
      });
      while (!seen.includes('forever')) await sleep(5);
      return started;
    }

    it('is ended by SIGTERM, with the status for that', async () => {
      const { child, finished } = await booted('--platform', 'linuxu');
      child.kill('SIGTERM');
      const { status, stderr } = await finished;
      assert.deepEqual([status, /^the app was ended$/m.test(stderr)], [143, true]);
    });

    it('is ended without a word where nobody reads its console any more', async () => {
      const { store } = await warren();
      const { status, stdout, stderr } = await bunny(
        ['run', '--quiet', '--platform', 'linuxu', '--', 'again'],
        {
          cwd: forever,
          store,
          through: ['bash', '-c', 'set -o pipefail; "$@" | head -1', 'bash'],
        },
      );
      assert.deepEqual([status, stdout, stderr], [141, 'forever\n', '']);
      while ((await monitorsOf(forever)).length > 0) await sleep(5);
    });

    it('does not outlive a bunny that is killed', async () => {
      const { child, finished } = await booted();
      child.kill('SIGKILL');
      assert.equal((await finished).status, 137);
      while ((await monitorsOf(forever)).length > 0) await sleep(5);
    });
  });

  it('tells a trap of the app from its statuses', async () => {
    const app = await temporaryDirectory('app');
    await writeFiles(app, {
      Bunnyfile: [
        'version: v0.1',
        'name: trap',
        'platforms: { framework: warren, monitor: qemu, architecture: amd64 }',
        'dependencies: { libc: ^1.0 }',
        '',
      ].join('\n'),
      'src/main.c': '#include <stdio.h>\nint main(void) { puts("before"); __builtin_trap(); }\n',
    });
    const { status, stdout } = await run(app, '--timeout', '60');
    assert.notEqual(status, 0);
    assert.match(stdout, /^before/);
  });

  it('gives the machine the memory that is asked for', async () => {
    const { status, stderr } = await run(hello, ...flagsOf('amd64/qemu'), '--memory', '32');
    assert.equal(status, 0, stderr);
  });

  it('says how to boot a prebuilt kernel, which has no rules', async () => {
    const app = await temporaryDirectory('app');
    await writeFiles(app, {
      Bunnyfile: [
        'version: v0.1',
        'platforms: { framework: warren, monitor: qemu, architecture: amd64 }',
        'kernel: { from: local, path: kernel }',
        '',
      ].join('\n'),
      kernel: 'not really one',
    });
    const { store } = await warren();
    const error = await bunnyError(['run'], { cwd: app, store });
    assert.equal(error.code, 'BUNNY_EMONITOR');
    assert.match(error.hint ?? '', /^boot .* by hand$/);
  });
});

/** Processes in sandboxes that show an image of a directory: its monitors. */
async function monitorsOf(directory: string): Promise<string[]> {
  const found: string[] = [];
  for (const pid of await readdir('/proc')) {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) continue;
    // No command line tells a sandbox where the image is; what is mounted in it does.
    const mounts = await readFile(`/proc/${pid}/mountinfo`, 'utf8').catch(() => '');
    if (mounts.includes(`${basename(directory)}/build/`)) found.push(pid);
  }
  return found;
}
