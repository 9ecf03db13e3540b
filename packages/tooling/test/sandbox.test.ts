import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BunnyError } from 'bunny-libos-spec';
import { type HostRoot, hostRoot } from 'bunny-libos-testing/frameworks/host-root.js';
import { findProgram } from '../src/sandbox/find-program.js';
import { readLimits } from '../src/sandbox/limits.js';
import { runInSandbox, sandboxDriver } from '../src/sandbox/sandbox.js';

/**
 * Returns once a file that something adds to every 20 ms has not grown for a second. What goes on for ever runs into
 * the time of the test.
 */
async function heartStops(beat: string): Promise<void> {
  for (let size = 0, quiet = 0; quiet < 5; await sleep(200)) {
    const now = statSync(beat).size;
    quiet = now === size ? quiet + 1 : 0;
    size = now;
  }
}

/** Whether podman runs anything on this machine: in some containers it cannot, whatever it is asked for. */
function podmanRuns({ root }: HostRoot): boolean {
  const words = [
    ...(findProgram('runc') === undefined ? [] : ['--runtime', 'runc']),
    ...['--ulimit', 'nofile=1024:1024', '--ulimit', 'nproc=4096:4096', '--network', 'none'],
    ...['--mount', 'type=bind,source=/usr,destination=/usr,readonly=true', '--rootfs', `${root}:O`],
  ];
  return spawnSync('podman', ['run', '--rm', ...words, 'true'], { timeout: 30_000 }).status === 0;
}

describe('the sandbox', () => {
  let host: HostRoot;
  let work: string;

  beforeEach(() => {
    host = hostRoot();
    work = join(host.scratch, 'work');
    mkdirSync(work);
  });
  afterEach(() => host.remove());

  const command = (words: readonly string[]) => ({
    root: host.root,
    binds: [...host.binds, { from: work, to: '/work', writable: true }],
    directory: '/work',
    command: words,
  });
  /** Runs a command in a sandbox from a process of its own. */
  const startRun = (words: readonly string[], sandbox = 'bwrap') => {
    const module = new URL('../src/sandbox/sandbox.js', import.meta.url).href;
    const script = `(await import(${JSON.stringify(module)})).runInSandbox(${JSON.stringify(command(words))})`;
    return spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: 'ignore',
      env: { ...process.env, BUNNY_SANDBOX: sandbox, TMPDIR: host.scratch },
    });
  };
  const shell = (script: string) => runInSandbox(command(['sh', '-c', script]));

  it('lets the command write to the writable bind, as the user that is reserved for it where the caller is root', async () => {
    const result = await shell('echo made > file');
    assert.deepEqual([result.status, result.stderr], [0, '']);
    assert.equal(readFileSync(join(work, 'file'), 'utf8'), 'made\n');
    assert.equal(statSync(join(work, 'file')).uid, process.getuid?.() || 65_521);
  });

  it('keeps the root and read-only binds from being written', async () => {
    const result = await shell('for f in /new /usr/new /bin/new; do touch $f && echo written; done; true');
    assert.equal(result.stdout, '');
    assert.equal(existsSync('/usr/new'), false);
    assert.deepEqual(readdirSync(host.root).sort(), ['bin', 'lib', 'lib64', 'sbin']);
  });

  it('shows nothing of the host but the root and the binds', async () => {
    const secret = join(host.scratch, 'secret');
    writeFileSync(secret, 'secret');
    const result = await shell(`cat ${secret} /etc/passwd; ls -A / /tmp /home /root`);
    assert.doesNotMatch(result.stdout, /secret|root:|etc|home/);
    assert.match(result.stdout, /^\/:\nbin\ndev\nlib\nlib64\nproc\nsbin\ntmp\nusr\nwork\n\n\/tmp:\n$/);
  });

  it('clears the environment', async () => {
    process.env.BUNNY_TEST_SECRET = 'secret';
    try {
      const result = await shell('env | sort');
      assert.deepEqual(
        result.stdout.split('\n').filter((line) => line !== '' && !/^(PWD|_|OLDPWD|SHLVL)=/.test(line)),
        [
          'HOME=/nonexistent',
          'LC_ALL=C',
          'PATH=/usr/local/bin:/usr/bin:/bin',
          'SOURCE_DATE_EPOCH=0',
          'TZ=UTC',
        ],
      );
    } finally {
      delete process.env.BUNNY_TEST_SECRET;
    }
  });

  it('tells what a command prints, and how it ends, from a sandbox that could not be made', async () => {
    for (const [words, status] of [
      ['bwrap: no room', 1],
      ['sandbox: user 1 cannot be become', 126],
      ['sandbox: there is no program sh', 126],
    ] as const) {
      const { stderr, ...ended } = await shell(`echo '${words}' >&2; exit ${status}`);
      assert.deepEqual([ended.status, stderr], [status, `${words}\n`]);
    }
    // Nor can it say so in the sandbox's name: it has no descriptor to do that on.
    const { stdout } = await shell(
      'echo $(ls /proc/self/fd); for n in 4 5 6 7 8 9; do echo "sandbox: x" >&$n; done 2> /dev/null; exit 126',
    );
    // The last is that of the listing itself.
    assert.equal(stdout, '0 1 2 3\n');
  });

  it('has no network, not even the loopback of the host', async () => {
    let connections = 0;
    const server = createServer(() => {
      connections += 1;
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    try {
      const address = server.address();
      assert.ok(address !== null && typeof address === 'object');
      const script = `use IO::Socket::INET; exit(IO::Socket::INET->new(PeerAddr => '127.0.0.1:${address.port}') ? 0 : 9)`;
      const result = await runInSandbox(command(['perl', '-e', script]));
      assert.equal(result.status, 9, result.stderr);
      assert.equal(connections, 0);
    } finally {
      server.close();
    }
  });

  it('gives the command no capability and an ordinary user', async () => {
    const result = await shell('id -u; grep -E "^Cap(Prm|Eff|Bnd)" /proc/self/status | cut -f2 | sort -u');
    assert.equal(result.stdout, '65521\n0000000000000000\n');
  });

  it('passes status and lines on', async () => {
    const lines: string[] = [];
    const result = await runInSandbox(command(['sh', '-c', 'echo a; echo b >&2; printf c; exit 7']), {
      onLine: (line, stream) => lines.push(`${stream} ${line}`),
    });
    assert.equal(result.status, 7);
    assert.deepEqual(lines.sort(), ['stderr b', 'stdout a', 'stdout c']);
  });

  it('ends the command when it is cancelled or its time is over', async () => {
    const script = 'echo started > started; sleep 60; echo survived > survived';
    const cancel = new AbortController();
    const run = runInSandbox(command(['sh', '-c', script]), { signal: cancel.signal });
    while (!existsSync(join(work, 'started'))) await sleep(5);
    cancel.abort();
    await assert.rejects(run, { code: 'BUNNY_ECANCELLED' });
    await assert.rejects(runInSandbox(command(['sleep', '60']), { timeout: 50 }), { code: 'BUNNY_ETIMEOUT' });
    await assert.rejects(runInSandbox(command(['true']), { signal: cancel.signal }), {
      code: 'BUNNY_ECANCELLED',
    });
  });

  it('dies with its parent, even one that is killed', async () => {
    const parent = startRun(['sh', '-c', 'while true; do echo >> beat; sleep 0.02; done']);
    const beat = join(work, 'beat');
    while (!existsSync(beat)) await sleep(5);
    parent.kill('SIGKILL');
    await heartStops(beat);
  });

  it('is made by podman where that is asked for (skipped where podman runs nothing)', async function () {
    this.timeout(60_000);
    if (!podmanRuns(host)) this.skip();
    process.env.BUNNY_SANDBOX = 'podman';
    try {
      const script =
        'echo made > file; touch /usr/new /new; env | sort; unshare -U echo another; id -u; grep -c : /proc/net/dev; grep CapEff /proc/self/status; exit 7';
      const result = await shell(script);
      assert.equal(result.status, 7, result.stderr);
      assert.equal(readFileSync(join(work, 'file'), 'utf8'), 'made\n');
      assert.equal(existsSync('/usr/new'), false);
      assert.match(result.stdout, /^HOME=\/nonexistent\n(HOSTNAME=.*\n)?LC_ALL=C\nPATH=[^\n]*\nPWD=\/work\n/);
      assert.match(
        result.stdout,
        /\n[1-9]\d*\n1\nCapEff:\t0+\n$/,
        'no user namespace, no root, the loopback',
      );
      if (process.getuid?.() === 0) assert.match(result.stdout, /\n65521\n/);
      await assert.rejects(runInSandbox(command(['no-such-compiler'])), /no program no-such-compiler/);
      const many = 'for n in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do sleep 20 & done; wait';
      await assert.rejects(
        runInSandbox(command(['sh', '-c', many]), { limits: readLimits(['processes=10']) }),
        { code: 'BUNNY_ERESOURCE' },
      );
      const hog = "$x = 'x' x 200_000_000; sleep 20";
      await assert.rejects(
        runInSandbox(command(['perl', '-e', hog]), { limits: readLimits(['memory=100MB']) }),
        /the limit memory is/,
      );
      const beat = 'while true; do echo >> beat; sleep 0.02; done';
      const cancel = new AbortController();
      const run = runInSandbox(command(['sh', '-c', beat]), { signal: cancel.signal });
      while (!existsSync(join(work, 'beat'))) await sleep(20);
      cancel.abort();
      await assert.rejects(run, { code: 'BUNNY_ECANCELLED' });
      const before = statSync(join(work, 'beat')).size;
      await sleep(200);
      assert.equal(statSync(join(work, 'beat')).size, before);
    } finally {
      delete process.env.BUNNY_SANDBOX;
    }
  });

  it('made by podman dies with its parent too (skipped where podman runs nothing)', async function () {
    this.timeout(60_000);
    if (!podmanRuns(host)) this.skip();
    const beat = join(work, 'beat');
    const parent = startRun(['sh', '-c', '(while true; do echo >> beat; sleep 0.02; done)'], 'podman');
    while (!existsSync(beat)) await sleep(20);
    parent.kill('SIGKILL');
    await heartStops(beat);
    const left = () => execFileSync('podman', ['ps', '-a', '--format', '{{.Names}}'], { encoding: 'utf8' });
    while (left().includes(`bunny-${parent.pid}-`)) await sleep(100);
  });

  it('runs as the user that is asked for where the caller is root, and never as root', async () => {
    process.env.BUNNY_SANDBOX_UID = '64321';
    try {
      assert.equal((await shell('id -u')).stdout, '64321\n');
      process.env.BUNNY_SANDBOX_UID = '0';
      await assert.rejects(shell('id -u'), /no sandbox can run as user "0"/);
    } finally {
      delete process.env.BUNNY_SANDBOX_UID;
    }
  });

  it('can be made where /proc/sys may only be read, or says what it takes (skipped where nobody can arrange that)', function () {
    const readOnly =
      'mount --bind /proc/sys /proc/sys && mount -o remount,bind,ro /proc/sys && exec "$0" "$@"';
    const within = ['unshare', '--mount', '--propagation', 'private', 'sh', '-c', readOnly];
    if (spawnSync(within[0] ?? '', [...within.slice(1), 'true']).status !== 0) this.skip();
    const module = new URL('../src/sandbox/sandbox.js', import.meta.url).href;
    const script = `const { runInSandbox } = await import(${JSON.stringify(module)});
      await runInSandbox(${JSON.stringify(command(['sh', '-c', 'echo made > file']))}).catch(({ hint }) => console.log(hint));`;
    const run = (...through: string[]) =>
      spawnSync(
        within[0] ?? '',
        [...within.slice(1), ...through, process.execPath, '--input-type=module', '-e', script],
        { encoding: 'utf8' },
      ).stdout;
    assert.equal(run(), '');
    assert.equal(readFileSync(join(work, 'file'), 'utf8'), 'made\n');
    const other = ['setpriv', '--reuid=65530', '--regid=65530', '--clear-groups'];
    // The files of the test may be in a home directory.
    if (spawnSync('setpriv', [...other.slice(1), 'ls', new URL(module).pathname]).status !== 0) return;
    execFileSync('chown', ['-R', '65530:65530', host.scratch]);
    execFileSync('chmod', ['711', dirname(host.scratch), dirname(dirname(host.scratch))]);
    assert.match(run(...other), /systempaths=unconfined/);
  });

  it('names a program that the root lacks, and a sandbox that there is not', async () => {
    await assert.rejects(runInSandbox(command(['no-such-compiler'])), (error: BunnyError) => {
      assert.equal(error.code, 'BUNNY_ESANDBOX');
      assert.match(error.message, /no program no-such-compiler/);
      return true;
    });
    assert.throws(() => sandboxDriver('chroot'), /there is no sandbox "chroot"/);
  });

  it('says which package to install where bubblewrap is missing', async () => {
    const path = process.env.PATH;
    process.env.PATH = host.scratch;
    try {
      await assert.rejects(shell('true'), (error: BunnyError) => {
        assert.equal(error.hint, 'install it: apt-get install bubblewrap');
        return true;
      });
    } finally {
      process.env.PATH = path;
    }
  });
});
