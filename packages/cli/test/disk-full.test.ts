import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { bunny, bunnyDone, type Finished } from 'bunny-libos-testing/command/bunny.js';
import { writeFiles } from 'bunny-libos-testing/files/documents.js';
import { temporaryDirectory } from 'bunny-libos-testing/files/temporary.js';
import {
  copyOfApp,
  filesBelow,
  freshStore,
  warren,
  warrenSources,
  warrenTimeout,
} from 'bunny-libos-testing/frameworks/warren.js';

const run = promisify(execFile);

/**
 * Runs its arguments in a mount namespace where the directory that is named first is a file system of so many
 * KiB, as an ordinary user may. What is written there is lost afterwards: `after` is run before that.
 */
const smallDisk = (directory: string, kibibytes: number, after = 'true') => [
  'unshare',
  '--mount',
  ...(process.getuid?.() === 0 ? [] : ['--map-root-user']),
  'sh',
  '-c',
  `mount -t tmpfs -o size=${kibibytes}k none "$1" && shift && { "$@"; status=$?; ${after} >&2; exit $status; }`,
  'sh',
  directory,
];

describe('a full disk', function () {
  this.timeout(60_000);
  before(async function () {
    this.timeout(warrenTimeout);
    await warren();
    const scratch = await temporaryDirectory('mount');
    const [program = '', ...words] = smallDisk(scratch, 100);
    await run(program, [...words, 'true']).catch((cause: unknown) => {
      throw new Error('these tests mount a small tmpfs, which needs user namespaces or root', { cause });
    });
  });

  const told = ({ status, stderr }: Finished) => {
    assert.equal(status, 74, stderr);
    assert.match(stderr, /^error\[BUNNY_ENOSPACE\]: the disk is full$/m);
    assert.match(stderr, /^ {2}--> \S+/m);
    assert.match(stderr, /^ {2}help: make room.*: `bunny cache prune` removes what is no longer used$/m);
  };

  it('while publishing into a layout is told, and a rerun with more room finishes', async () => {
    const { store } = await warren();
    const place = await temporaryDirectory('small');
    const words = [
      'publish',
      warrenSources,
      '--allow-commands',
      '--to',
      `oci:${place}/registry`,
      '--arch',
      'amd64',
      '--quiet',
    ];
    // The tooling layer alone is larger.
    told(await bunny(words, { store, through: smallDisk(place, 2000) }));

    const room = await temporaryDirectory('room');
    const [first = '', ...others] = smallDisk(place, 2000, `cp -a ${place}/registry ${room}`);
    told(await bunny(words, { store, through: [first, ...others] }));
    const left = await filesBelow(join(room, 'registry'));
    assert.deepEqual(
      left.filter((file) => file.startsWith('ingest/')),
      [],
      'nothing half-written',
    );
    const again = [
      'publish',
      warrenSources,
      '--allow-commands',
      '--to',
      `oci:${room}/registry`,
      '--arch',
      'amd64',
      '--quiet',
    ];
    await bunnyDone(again, { store });
  });

  it('while fetching into the store is told, and nothing half-written is left', async () => {
    const { registry } = await warren();
    const cwd = await copyOfApp('hello');
    const store = await temporaryDirectory('small-store');
    const kept = await temporaryDirectory('kept');
    const words = ['build', '--from', registry, '--platform', 'linuxu', '--quiet'];
    told(await bunny(words, { cwd, store, through: smallDisk(store, 5000, `cp -a ${store}/. ${kept}`) }));
    const left = await filesBelow(kept);
    assert.deepEqual(
      left.filter((file) => file.startsWith('ingest/')),
      [],
    );
  });

  it('while compiling and linking is told, and the former image stays', async () => {
    const { registry, store } = await warren();
    const cwd = await copyOfApp('hello');
    const words = ['build', '--from', registry, '--platform', 'linuxu', '--quiet'];
    await bunnyDone(words, { cwd, store });
    const before = await readFile(join(cwd, 'build/hello-amd64-linuxu'));
    await writeFiles(cwd, {
      'src/big.c': `char big[] = "${'0123456789'.repeat(20_000)}";\n`,
      'src/main.c': 'extern char big[];\nint main(int argc, char **argv) { (void)argv; return big[argc]; }\n',
    });
    told(await bunny(words, { cwd, store, through: smallDisk(join(store, 'work'), 150) }));
    assert.deepEqual(await readFile(join(cwd, 'build/hello-amd64-linuxu')), before);
    assert.deepEqual(
      (await readdir(join(cwd, 'build'))).filter((name) => name.startsWith('.')),
      [],
    );
  });

  it('while writing the image is told, and the former files stay', async () => {
    const { registry, store } = await warren();
    const cwd = await copyOfApp('hello');
    const words = ['build', '--from', registry, '--platform', 'linuxu', '--quiet'];
    await mkdir(join(cwd, 'build'));
    const listing = await temporaryDirectory('listing');
    const small = smallDisk(join(cwd, 'build'), 12, `cp -a ${join(cwd, 'build')}/. ${listing}`);
    told(await bunny(words, { cwd, store, through: small }));
    assert.deepEqual(await readdir(listing), []);
    await bunnyDone(words, { cwd, store });
  });

  it('while writing the lock is told, and no half of one is left', async () => {
    const { registry, store } = await warren();
    const cwd = await temporaryDirectory('small-app');
    const app = await copyOfApp('hello');
    const listing = await temporaryDirectory('listing');
    const script = `cp ${app}/Bunnyfile ${cwd} && dd if=/dev/zero of=${cwd}/fill bs=4k 2>/dev/null; "$@"; status=$?; cp -a ${cwd}/. ${listing}; exit $status`;
    const through = [...smallDisk(cwd, 16), 'sh', '-c', script, 'sh'];
    told(await bunny(['resolve', '-f', cwd, '--from', registry, '--quiet'], { store, through }));
    assert.deepEqual((await readdir(listing)).sort(), ['Bunnyfile', 'fill']);
  });

  it('in the sense of a limit on the size of files is told as well', async () => {
    const { registry } = await warren();
    const cwd = await copyOfApp('hello');
    const store = await freshStore();
    const { status, stderr } = await bunny(['build', '--from', registry, '--platform', 'linuxu'], {
      cwd,
      store,
      through: ['prlimit', '--fsize=3000', '--'],
    });
    assert.equal(status, 74, stderr);
    assert.match(stderr, /^error\[BUNNY_E(NOSPACE|IO)\]: /m);
  });
});
