import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bunny, bunnyDone, type Finished } from 'bunny-libos-testing/command/bunny.js';
import { temporaryDirectory } from 'bunny-libos-testing/files/temporary.js';
import { copyOfApp, warren, warrenTimeout } from 'bunny-libos-testing/frameworks/warren.js';

/** The commands and flags that are promised (issue of part 1). */
const contract: Readonly<Record<string, readonly string[]>> = {
  publish: ['--to', '--arch', '--platform', '--shard', '--jobs', '--dry-run', '--json'],
  resolve: ['--file', '--from', '--arch', '--platform', '--frozen', '--offline', '--json'],
  build: [
    '--file',
    '--from',
    '--arch',
    '--platform',
    '--type',
    '--output',
    '--frozen',
    '--offline',
    '--json',
  ],
  run: ['--file', '--arch', '--platform', '--timeout'],
  inspect: ['--json'],
  init: ['--framework'],
};

/** Begins every escapeCharacter sequence of a terminal. */
const escapeCharacter = '\u001b';

describe('the command line', function () {
  this.timeout(60_000);

  it('lists every command with --help, and the exit statuses', async () => {
    const { stdout, stderr } = await bunnyDone(['--help']);
    for (const command of Object.keys(contract)) assert.match(stdout, new RegExp(`^ {2}${command} `, 'm'));
    assert.match(stdout, /0 done, 1 cannot be satisfied, 2 bad usage or document, 3 registry or network/);
    assert.match(stdout, /BUNNY_REGISTRY/);
    assert.equal(stderr, '');
  });

  for (const [command, flags] of Object.entries(contract)) {
    it(`explains ${command} with --help`, async () => {
      const { stdout } = await bunnyDone([command, '--help']);
      assert.match(stdout, new RegExp(`^Usage: bunny ${command} `));
      for (const flag of flags) assert.match(stdout, new RegExp(`(^|\\s)${flag}\\b`), flag);
      if (flags.includes('--file')) assert.match(stdout, /-f, --file/);
    });
  }

  it('tells its version in one line', async () => {
    for (const flag of ['--version', '-V']) {
      assert.match((await bunnyDone([flag])).stdout, /^bunny \d+\.\d+\.\d+\n$/);
    }
  });

  it('explains the code of an error', async () => {
    const { stdout } = await bunnyDone(['explain', 'enosolution']);
    assert.equal(
      stdout,
      'BUNNY_ENOSOLUTION: No choice of variants meets all requirements.\nExit status: 1 (cannot be satisfied).\n',
    );
    const told = await bunnyDone(['explain', 'BUNNY_EJSON', '--json']);
    assert.deepEqual(
      (JSON.parse(told.stdout) as { statuses: { status: number }[] }).statuses.map(({ status }) => status),
      [2, 3],
    );
  });

  describe('refuses with status 2, the summary and what to do', () => {
    const mistakes: [words: string[], told: string[]][] = [
      [['biuld'], ["unknown command 'biuld'", 'did you mean "build"?']],
      [
        ['help', 'biuld'],
        ["unknown command 'biuld'", 'did you mean "build"?'],
      ],
      [
        ['resolve', '--ca-file', ''],
        [
          "option '--ca-file <FILE>' argument '' is invalid. It must not be empty",
          'bunny resolve --help shows what there is',
        ],
      ],
      [
        ['new', 'app'],
        ["unknown command 'new'", '`bunny init`: write a Bunnyfile and a hello world that builds'],
      ],
      [
        ['gc'],
        ["unknown command 'gc'", '`bunny cache prune`: remove what is old, over a size, or in no lock'],
      ],
      [
        ['explain', 'enosolutoin'],
        ['no error has the code "enosolutoin"', 'did you mean "BUNNY_ENOSOLUTION"?'],
      ],
      [['frobnicate'], ["unknown command 'frobnicate'", 'bunny --help shows what there is']],
      [
        ['build', '--frm', 'x'],
        ["unknown option '--frm'", 'did you mean --from?'],
      ],
      [
        ['publish'],
        ["required option '--to <REF>' not specified", 'bunny publish --help shows what there is'],
      ],
      [
        ['--offline', 'build'],
        ["unknown option '--offline'", 'flags come after the command: `bunny COMMAND --offline`'],
      ],
      [
        ['build', '--arch', 'arm64/qemu'],
        [
          "option '--arch <A>' argument 'arm64/qemu' is invalid. It names a platform too: write --arch arm64 --platform qemu",
          'bunny build --help shows what there is',
        ],
      ],
      ...['-f, --file <FILE>', '--arch <A>', '--platform <P>', '-o, --output <PATH>'].map(
        (flag): [string[], string[]] => [
          ['build', /--\w+/.exec(flag)?.[0] ?? '', ''],
          [
            `option '${flag}' argument '' is invalid. It must not be empty`,
            'bunny build --help shows what there is',
          ],
        ],
      ),
      ...[
        ['init', '--framework', 'x', 'DIR'],
        ['publish', '--to', 'x', 'PATH'],
        ['add', 'net', 'NAME[@RANGE]'],
        ['why', 'NAME'],
        ['inspect', 'REF'],
      ].map((words): [string[], string[]] => [
        [...words.slice(0, -1), ''],
        [
          `argument '${words.at(-1)}': '' is invalid. It must not be empty`,
          `bunny ${words[0]} --help shows what there is`,
        ],
      ]),
      [['inspect'], ["missing required argument 'REF'", 'bunny inspect --help shows what there is']],
      [
        ['init'],
        ["required option '--framework <NAME>' not specified", 'bunny init --help shows what there is'],
      ],
      [
        ['publish', '--to', 'x', '--jobs', '0'],
        [
          "option '--jobs <N>' argument '0' is invalid. It must be a whole number from 1",
          'bunny publish --help shows what there is',
        ],
      ],
      [
        ['publish', '--to', 'x', '--shard', '3/2'],
        [
          "option '--shard <I/N>' argument '3/2' is invalid. It must be I/N with I from 1 to N, such as 1/4",
          'bunny publish --help shows what there is',
        ],
      ],
      [
        ['run', '--timeout', 'soon'],
        [
          "option '--timeout <S>' argument 'soon' is invalid. It must be a number of seconds",
          'bunny run --help shows what there is',
        ],
      ],
      [
        ['build', '--nope'],
        ["unknown option '--nope'", 'bunny build --help shows what there is'],
      ],
      [
        ['index', 'nope'],
        ["unknown command 'nope'", 'write `bunny index rebuild nope`'],
      ],
      [
        ['index', "oci:it's here:warren/libc"],
        [
          "unknown command 'oci:it's here:warren/libc'",
          "write `bunny index rebuild 'oci:it'\\''s here:warren/libc'`",
        ],
      ],
      [
        ['catalog', 'update', 'oci:registry:warren'],
        ["unknown command 'update'", 'it is called `bunny catalog rebuild` now'],
      ],
      [
        ['help', 'index', 'update'],
        ["unknown command 'update'", 'it is called `bunny index rebuild` now'],
      ],
      [
        ['add', '--auto', '$(id) x'],
        [
          'NAME and --auto exclude each other',
          "write `bunny add '$(id) x'` for that alone, or `bunny add --auto` for what the sources use",
        ],
      ],
      [
        ['cache', 'prune', '--older-than', 'x'],
        [
          "option '--older-than <AGE>' argument 'x' is invalid. It must be an age such as 90m, 12h, 30d or 2w",
          'bunny cache prune --help shows what there is',
        ],
      ],
      ...['', 'amd64,'].map((value): [string[], string[]] => [
        ['resolve', '--arch', value],
        [
          `option '--arch <A,..>' argument '${value}' is invalid. It must be names with commas between them`,
          'bunny resolve --help shows what there is',
        ],
      ]),
      [
        ['build', 'extra'],
        [
          "too many arguments for 'build'. Expected 0 arguments but got 1",
          'bunny build --help shows what there is',
        ],
      ],
    ];
    for (const [words, [summary = '', help = '']] of mistakes) {
      it(`bunny ${words.join(' ')}`, async () => {
        const { status, stdout, stderr } = await bunny(words);
        assert.equal(status, 2);
        assert.equal(stdout, '');
        assert.match(stderr, /^error\[BUNNY_EUSAGE\]: .*\n {2}--> bunny.*\n {2}help: .*\n$/);
        assert.ok(stderr.includes(`: ${summary}\n`), stderr);
        assert.ok(stderr.includes(`help: ${help}\n`), stderr);
      });
    }

    it('and names each command that another word may mean', async () => {
      const { status, stderr } = await bunny(['i', 'net']);
      assert.equal(status, 2);
      assert.match(stderr, /^ {2}help: `bunny fetch`: fetch .*\n {2}help: `bunny add`: add .*$/m);
    });

    it('and shows the help where nothing is asked', async () => {
      const { status, stdout, stderr } = await bunny([]);
      assert.deepEqual([status, stdout], [2, '']);
      assert.match(stderr, /^Usage: bunny /);
    });
  });

  describe('with --json', () => {
    let runs: [words: string[], cwd: string, status: number][];
    let store: string;

    before(async function () {
      this.timeout(warrenTimeout);
      const { registry, store: shared } = await warren();
      store = shared;
      const app = await copyOfApp('hello');
      const empty = await temporaryDirectory('empty');
      const broken = await copyOfApp('hello');
      await writeFile(join(broken, 'src/main.c'), 'int main(void) { return }\n');
      const from = ['--from', registry];
      runs = [
        [['publish', empty, '--to', registry], empty, 2],
        [['resolve', ...from], app, 0],
        [['resolve', '--frozen', ...from], empty, 2],
        [['build', ...from, '--platform', 'linuxu'], app, 0],
        [['build', ...from, '--platform', 'linuxu', '--dry-run'], app, 0],
        [['build', ...from, '--platform', 'linuxu'], broken, 5],
        [['run', '--platform', 'linuxu', '--', '--status=9'], app, 9],
        [['run', '--platform', 'linuxu', '--frozen'], empty, 2],
        [['inspect', `${registry}:warren/libc`], empty, 0],
        [['inspect', `${registry}:warren/nothing`], empty, 1],
        [['inspect', '127.0.0.1:1/warren/libc'], empty, 3],
        [['init', 'made', '--framework', 'warren', ...from], empty, 0],
        [['init', 'made', '--framework', 'warren', ...from], empty, 2],
        [['index', 'rebuild', `${registry}:warren/nothing`], empty, 1],
        [['cache', 'dir'], empty, 0],
        [['build', '--nonsense'], empty, 2],
      ];
    });

    it('prints exactly one JSON document on stdout, also on failure', async () => {
      for (const [words, cwd, expected] of runs) {
        const at = words.includes('--') ? words.indexOf('--') : words.length;
        const { status, stdout, stderr } = await bunny(
          [...words.slice(0, at), '--json', ...words.slice(at)],
          { cwd, store },
        );
        const label = `${words.join(' ')}\n${stdout}${stderr}`;
        assert.equal(status, expected, label);
        const document = JSON.parse(stdout) as {
          error?: { code: string; message: string; details: string[] };
        };
        assert.equal(typeof document, 'object', label);
        assert.equal(document.error !== undefined, expected !== 0 && expected !== 9, label);
        if (document.error !== undefined) {
          assert.match(document.error.code, /^BUNNY_E[A-Z]+$/);
          assert.ok(document.error.message !== '' && Array.isArray(document.error.details), label);
        }
        assert.ok(
          !stdout.includes(escapeCharacter) && !stderr.includes(escapeCharacter),
          `no escapes: ${label}`,
        );
      }
    });
  });

  describe('colour', () => {
    /** Runs it with a terminal on stdout and stderr. */
    const onTerminal = async (words: string[], env: Record<string, string> = {}): Promise<Finished> => {
      const { store } = await warren();
      return await bunny(words, {
        store,
        cwd: await temporaryDirectory('empty'),
        env: { TERM: 'xterm', ...env },
        through: ['bash', '-c', pseudoTerminal, 'bash'],
      });
    };

    it('is shown on a terminal, and not with NO_COLOR or TERM=dumb', async () => {
      const escapes = async (env: Record<string, string>) =>
        (await onTerminal(['resolve'], env)).stdout.split(escapeCharacter).length - 1;
      assert.ok((await escapes({})) > 0);
      assert.ok((await escapes({ NO_COLOR: '' })) > 0);
      assert.equal(await escapes({ NO_COLOR: '1' }), 0);
      assert.equal(await escapes({ TERM: 'dumb' }), 0);
    });

    it('is not shown in a pipe', async () => {
      const { stderr } = await bunny(['resolve'], { cwd: await temporaryDirectory('empty') });
      assert.match(stderr, /^error\[BUNNY_ENOBUNNYFILE\]/);
      assert.ok(!stderr.includes(escapeCharacter));
    });
  });

  describe('what it prints', () => {
    /** Runs it with the end of a shell's command line behind it. */
    const before = (rest: string) => ({
      through: ['bash', '-c', `set -o pipefail; "$@" ${rest}`, 'bash'],
    });

    it('need not be read to its end', async () => {
      const { stdout, stderr } = await bunny(['completion', 'bash'], before('| head -c 6'));
      assert.deepEqual([stdout, stderr], ['_bunny', '']);
      for (const words of [['completion', 'bash'], ['--help'], ['--version']]) {
        const { stderr: unread } = await bunny(words, before('| true'));
        assert.equal(unread, '');
      }
    });

    it('is an error where it cannot be written', async () => {
      const { status, stderr } = await bunny(['completion', 'bash'], before('> /dev/full'));
      assert.equal(status, 74);
      assert.match(stderr, /^error\[BUNNY_ENOSPACE\]: the disk is full\n {2}--> standard output\n/);
      const version = await bunny(['--version'], before('> /dev/full'));
      assert.equal(version.status, 74);
      assert.match(
        version.stderr,
        /^error\[BUNNY_EIO\]: ENOSPC: .*\n {2}--> standard output\n {2}help: .*\n$/,
      );
    });
  });
});

/** Runs its arguments on a pseudo terminal, copies what they print to stdout, and ends with their status. */
const pseudoTerminal = 'exec script --quiet --return --command "$(printf "%q " "$@")" /dev/null';
