import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import type { BunnyError, Monitor, ToolingRules } from '@bunny/spec';
import { bootImage } from '../src/monitor.js';
import { type TargetRules, targetRules } from '../src/rules.js';

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

  it('shows the host read-only, without its services, its network and the environment', async () => {
    const write = `echo x > ${directory}/written; echo x > /var/tmp/bunny-written`;
    script(
      `${write}; grep -c : /proc/net/dev; ls -A /run; env | grep -v -E '^(PATH|LC_ALL|PWD|OLDPWD|_|SHLVL)='`,
    );
    let console = '';
    await bootImage(
      rules(),
      { image, arguments: [] },
      {
        onConsole: (bytes) => {
          console += Buffer.from(bytes).toString();
        },
      },
    );
    assert.equal(existsSync(join(directory, 'written')), false);
    assert.equal(existsSync('/var/tmp/bunny-written'), false);
    assert.equal(console, '1\n', 'only the loopback interface');
  });

  it('runs a monitor that stands where nothing else of the host is shown', async () => {
    script('true');
    const own = join(mkdtempSync('/tmp/bunny-own-'), 'boot');
    writeFileSync(own, '#!/bin/sh\nls -A /tmp\nexit 7\n');
    chmodSync(own, 0o755);
    let console = '';
    const onConsole = (bytes: Uint8Array) => {
      console += Buffer.from(bytes).toString();
    };
    try {
      const boot = bootImage(rules({ command: `${own} $image` }), { image, arguments: [] }, { onConsole });
      assert.equal(await boot, 7);
    } finally {
      rmSync(dirname(own), { recursive: true });
    }
    assert.equal(console, `bunny\n${basename(dirname(own))}\n`);
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
