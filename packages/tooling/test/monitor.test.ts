import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BunnyError, Monitor, ToolingRules } from 'bunny-libos-spec';
import { type BootOptions, bootImage } from '../src/boot/monitor.js';
import { type BootInputs, type TargetRules, targetRules } from '../src/rules/rules.js';

describe('bootImage', () => {
  let directory: string;
  let image: string;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'bunny-monitor-'));
    image = join(directory, 'image');
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  const monitor: Monitor = {
    command: '$image',
    rootfs: '$rootfs',
    arguments: '$arguments',
    memory: 16,
    exit: { offset: 0, factor: 1 },
  };
  const rules = (change: Partial<Monitor> = {}): TargetRules => {
    const all: ToolingRules = {
      framework: 'warren',
      version: '1.0.0',
      abi: 'warren-1',
      settings: {},
      capabilities: {},
      variables: {},
      languages: {},
      template: {},
      targets: [
        {
          arch: 'amd64',
          platform: 'linuxu',
          variables: {},
          link: '',
          entry: '',
          scriptFlag: '',
          defaultScriptFlag: '',
          base: {},
          generate: [],
          appDefines: [],
          postLink: [],
          artifacts: ['elf'],
          monitor: { ...monitor, ...change },
        },
      ],
    };
    return targetRules(all, { arch: 'amd64', platform: 'linuxu' });
  };
  const script = (text: string) => {
    writeFileSync(image, `#!/bin/sh\n${text}\n`);
    chmodSync(image, 0o755);
  };

  it('passes the console, the arguments and the root file system on, and gives the status of the app', async () => {
    script('cat "$1"; echo "$2"; echo aside >&2; exit 3');
    writeFileSync(join(directory, 'rootfs'), 'files\n');
    let console = '';
    let diagnostics = '';
    const status = await bootImage(
      rules(),
      { image, rootfs: join(directory, 'rootfs'), arguments: ['a b', 'c'] },
      {
        onConsole: (bytes) => {
          console += Buffer.from(bytes).toString();
        },
        onDiagnostics: (bytes) => {
          diagnostics += Buffer.from(bytes).toString();
        },
      },
    );
    assert.equal(status, 3);
    assert.equal(console, 'files\n"a b" c\n');
    assert.equal(diagnostics, 'aside\n');
  });

  it('reads the status by offset and factor, and refuses one that no app gives', async () => {
    script('echo broken >&2; exit 7');
    const exit = { offset: 1, factor: 2 };
    assert.equal(await bootImage(rules({ exit }), { image, arguments: [] }), 3);
    script('echo broken >&2; exit 6');
    await assert.rejects(bootImage(rules({ exit }), { image, arguments: [] }), (error: BunnyError) => {
      assert.equal(error.code, 'BUNNY_EMONITOR');
      assert.equal(error.exitStatus, 1);
      assert.match(error.message, /status 6/);
      assert.deepEqual(error.details, ['broken']);
      return true;
    });
  });

  it('ends an image that takes too long, and one that is cancelled', async () => {
    script('sleep 60');
    await assert.rejects(
      bootImage(rules(), { image, arguments: [] }, { timeout: 100 }),
      (error: BunnyError) => {
        assert.equal(error.code, 'BUNNY_ETIMEOUT');
        assert.equal(error.exitStatus, 1);
        return true;
      },
    );
    const cancel = new AbortController();
    script('echo ready; sleep 60');
    const boot = bootImage(
      rules(),
      { image, arguments: [] },
      { signal: cancel.signal, onConsole: () => cancel.abort() },
    );
    await assert.rejects(boot, { code: 'BUNNY_ECANCELLED' });
  });

  /** What an image (a script) prints, and its status. */
  const boot = async (
    text: string | undefined,
    change: Partial<Monitor> = {},
    options: BootOptions = {},
  ): Promise<[status: number, console: string]> => {
    if (text !== undefined) script(text);
    let console = '';
    const onConsole = (bytes: Uint8Array) => {
      console += Buffer.from(bytes).toString();
    };
    const status = await bootImage(rules(change), { image, arguments: [] }, { onConsole, ...options });
    return [status, console];
  };

  it('shows programs and libraries, read-only, and no network, nor the environment', async () => {
    const [, seen] = await boot(
      [
        'echo /*',
        'echo /etc/*',
        'ls /dev | grep -v kvm | tr "\\n" " "; echo',
        'grep -c : /proc/net/dev',
        'env | grep -v -E "^(LC_ALL|PWD|OLDPWD|_|SHLVL)="',
        `for place in / /usr /etc /bin ${directory}; do echo > $place/written; done 2> /dev/null`,
        'echo > /tmp/written && echo written',
      ].join('\n'),
    );
    const [root = '', etc = '', devices = '', interfaces, ...rest] = seen.trimEnd().split('\n');
    const system = readdirSync('/').filter((name) => /^(?:usr|bin|sbin|lib\w*)$/.test(name));
    assert.deepEqual(
      root.split(' '),
      ['dev', 'etc', 'proc', 'tmp', ...system].sort().map((name) => `/${name}`),
    );
    for (const path of etc.split(' ')) assert.match(path, /^\/etc\/(?:alternatives|ld\.so\.cache)$/);
    const known = 'core enter fd full null ptmx pts random shm stderr stdin stdout tty urandom zero'.split(
      ' ',
    );
    assert.deepEqual(
      devices
        .trim()
        .split(' ')
        .filter((name) => !known.includes(name)),
      [],
    );
    assert.equal(interfaces, '1', 'only the loopback interface');
    assert.deepEqual(rest, ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', 'written']);
    for (const place of ['/', '/usr', '/etc', '/bin', directory]) {
      assert.equal(existsSync(join(place, 'written')), false);
    }
  });

  it('shows a monitor that is elsewhere, alone, and directories that the user names', async () => {
    const own = mkdtempSync('/tmp/bunny-own-');
    const more = join(directory, 'more');
    mkdirSync(more);
    try {
      writeFileSync(join(own, 'boot'), `#!/bin/sh\necho $0; ls -A ${own}; cat ${more}/words\nexit 7\n`);
      writeFileSync(join(own, 'beside'), '');
      writeFileSync(join(more, 'words'), 'words\n');
      chmodSync(join(own, 'boot'), 0o755);
      const command = `${own}/boot $image`;
      assert.deepEqual(await boot('true', { command }), [7, `${own}/boot\nboot\n`]);
      const named = await boot('true', { command }, { directories: [more] });
      assert.deepEqual(named, [7, `${own}/boot\nboot\nwords\n`]);
      const both = await boot('true', { command }, { directories: [own] });
      assert.deepEqual(both, [7, `${own}/boot\nbeside\nboot\n`]);
    } finally {
      rmSync(own, { recursive: true });
    }
    await assert.rejects(boot('true', {}, { directories: [join(directory, 'none')] }), {
      code: 'BUNNY_ENOFILE',
    });
    symlinkSync('/', join(directory, 'all'));
    for (const machine of [join(directory, 'all'), '/proc', '/sys/class', '/dev/shm', '/proc/self/fd']) {
      await assert.rejects(boot('true', {}, { directories: [machine] }), { code: 'BUNNY_EUSAGE' }, machine);
    }
  });

  it('runs no image that is for another machine, or no program, as the shell’s would be taken for the app’s status', async () => {
    const head = (machine: number, type = 2) => {
      const bytes = Buffer.alloc(200);
      bytes.write('\x7fELF\x02\x01\x01', 'latin1');
      bytes.writeUInt16LE(type, 16);
      bytes.writeUInt16LE(machine, 18);
      return bytes;
    };
    for (const [bytes, reason] of [
      [head(243), /: it is for riscv64, and this machine is \w+$/],
      [head(22), /: ELF machine 22 with 64 bits is not known$/],
      [head(process.arch === 'arm64' ? 183 : 62, 1), /: it is not linked to a program$/],
      [Buffer.from('echo a script; exit 2\n'), /: it is not an ELF file$/],
      [Buffer.alloc(0), /: it is not an ELF file$/],
    ] as const) {
      writeFileSync(image, bytes, { mode: 0o755 });
      await assert.rejects(boot(undefined), (error: BunnyError) => {
        assert.deepEqual([error.code, error.exitStatus], ['BUNNY_EMONITOR', 1]);
        assert.match(error.message, reason);
        return true;
      });
    }
    // A monitor may take anything.
    writeFileSync(image, head(243));
    assert.deepEqual(await boot(undefined, { command: 'test -e $image' }), [0, '']);
  });

  it('tells what cannot be run from the status of an app', async () => {
    writeFileSync(image, '#!/no/such/shell\n', { mode: 0o755 });
    await assert.rejects(boot(undefined), { code: 'BUNNY_EMONITOR' });
    assert.deepEqual(await boot('exit 1'), [1, '']);
    assert.deepEqual(await boot('exit 126'), [126, '']);
    assert.deepEqual(await boot("echo 'bwrap: no room' >&2; exit 1"), [1, '']);
    assert.deepEqual(await boot("echo 'sandbox: no room' >&2; exit 126"), [126, '']);
  });

  it('refuses what the monitor would not pass on', async () => {
    script('true');
    const refused = async (inputs: Partial<BootInputs>, change: Partial<Monitor>, what: RegExp) => {
      const booted = bootImage(rules(change), { image, arguments: [], ...inputs });
      await assert.rejects(booted, (error: BunnyError) => {
        assert.deepEqual([error.code, error.exitStatus], ['BUNNY_EMONITOR', 1]);
        assert.match(error.message, what);
        return true;
      });
    };
    await refused(
      { arguments: ['x'] },
      { arguments: [] },
      /^the monitor of amd64\/linuxu takes no arguments/,
    );
    await refused({ arguments: ['x'] }, { arguments: '--append fixed' }, /takes no arguments/);
    await refused({ rootfs: image }, { rootfs: [] }, /takes no root file system/);
    await refused({ memory: 32 }, {}, /takes no size of memory/);
    const all = { command: '$image $memory', rootfs: '$rootfs', arguments: '$arguments' };
    await bootImage(rules(all), { image, arguments: ['x'], rootfs: image, memory: 32 });
    await bootImage(rules({ command: '$image $arguments', arguments: [] }), { image, arguments: ['x'] });
  });

  it('runs nothing where there is no sandbox, whatever makes that of compilers', async () => {
    script(`echo > ${directory}/ran`);
    const { PATH, BUNNY_SANDBOX } = process.env;
    const empty = join(directory, 'empty');
    mkdirSync(empty);
    try {
      process.env.PATH = empty;
      for (const driver of ['', 'podman']) {
        process.env.BUNNY_SANDBOX = driver;
        await assert.rejects(boot(undefined), (error: BunnyError) => {
          assert.deepEqual([error.code, error.exitStatus], ['BUNNY_ESANDBOX', 1]);
          assert.match(error.hint ?? '', /apt-get install bubblewrap/);
          return true;
        });
      }
    } finally {
      process.env.PATH = PATH;
      if (BUNNY_SANDBOX === undefined) delete process.env.BUNNY_SANDBOX;
      else process.env.BUNNY_SANDBOX = BUNNY_SANDBOX;
    }
    assert.equal(existsSync(join(directory, 'ran')), false);
  });

  it('says which package holds a monitor that is missing', async () => {
    script('true');
    const missing = rules({ command: 'no-such-monitor $image', package: 'qemu-system-x86' });
    await assert.rejects(bootImage(missing, { image, arguments: [] }), (error: BunnyError) => {
      assert.equal(error.code, 'BUNNY_EMONITOR');
      assert.equal(error.hint, 'install it: apt-get install qemu-system-x86');
      return true;
    });
  });
});
