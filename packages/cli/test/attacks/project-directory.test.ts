import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chown,
  cp,
  mkdir,
  readdir,
  readFile,
  readlink,
  rm,
  symlink,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { filesBelow } from 'bunny-libos-testing/frameworks/warren.js';
import { attack, type Place } from './attack.js';

const image = 'hello-amd64-linuxu';
const target = ['--arch', 'amd64', '--platform', 'linuxu'];

/** A directory of the user that no project may reach, with something in it. */
async function elsewhere({ home, own }: Place): Promise<string> {
  const directory = join(home, 'elsewhere');
  await mkdir(directory);
  await writeFile(join(directory, 'kept'), 'kept');
  await own(directory);
  return directory;
}

async function isWhole(directory: string): Promise<void> {
  assert.deepEqual(await filesBelow(directory), ['kept']);
  assert.equal(await readFile(join(directory, 'kept'), 'utf8'), 'kept');
}

describe('a project that leads elsewhere', () => {
  attack('has no say in where it is built', async (place) => {
    const { app, project, own, registry, bunnyDone } = place;
    const outside = await elsewhere(place);
    await app('hello');
    await bunnyDone(['resolve', '--from', registry]);
    await bunnyDone(['build', '--from', registry, ...target]);
    const honest = await readFile(join(project, 'build', image));
    for (const link of ['.bunny', '.bunny/amd64-linuxu', '.bunny/amd64-linuxu/work', '.bunny/change']) {
      await mkdir(join(project, link, '..'), { recursive: true });
      await symlink(outside, join(project, link));
      await own(project);
      await rm(join(project, 'build'), { recursive: true });
      await bunnyDone(['build', '--from', registry, ...target]);
      await bunnyDone(['update', '--from', registry]);
      assert.deepEqual(await readFile(join(project, 'build', image)), honest);
      assert.equal(await readlink(join(project, link)), outside);
      await rm(join(project, '.bunny'), { recursive: true });
      await isWhole(outside);
    }
    assert.deepEqual((await readdir(project)).sort(), ['Bunnyfile', 'build', 'bunny.lock', 'src']);
  });

  attack('is found from below, unless its Bunnyfile is somebody else’s', async (place) => {
    const { app, project, own, registry, bunnyDone, bunnyError } = place;
    await app('hello');
    const cwd = join(project, 'src', 'deeper');
    await mkdir(cwd);
    await own(project);
    await bunnyDone(['build', '--from', registry, ...target], { cwd });
    assert.ok((await filesBelow(project)).includes(`build/${image}`));
    assert.deepEqual(await readdir(cwd), []);
    if (process.getuid?.() !== 0) return;
    await chown(join(project, 'Bunnyfile'), 65_531, 65_531);
    const { code, message } = await bunnyError(['build', '--from', registry, ...target], { cwd });
    assert.equal(code, 'BUNNY_ENOBUNNYFILE');
    assert.equal(message, 'there is no Bunnyfile here or in a directory above');
  });

  attack('does not come with what is made of it, however new that is', async (place) => {
    const { app, home, project, own, registry, store, bunnyDone } = place;
    await app('hello');
    await bunnyDone(['build', '--from', registry, ...target]);
    const honest = await readFile(join(project, 'build', image));
    const [key = ''] = await readdir(join(store, 'work'));
    const unpacked = join(home, 'unpacked');
    await cp(project, unpacked, { recursive: true });
    // As it would be made by whoever packs a project, with another image than the sources make.
    await cp(join(store, 'work', key), join(unpacked, '.bunny'), { recursive: true });
    const later = Date.now() / 1000 + 1_000_000;
    for (const directory of ['.bunny', 'build'])
      for (const file of await filesBelow(join(unpacked, directory))) {
        await writeFile(join(unpacked, directory, file), 'made by a stranger').catch(() => undefined);
        await utimes(join(unpacked, directory, file), later, later);
      }
    await own(unpacked);
    await bunnyDone(['build', '--from', registry, ...target], { cwd: unpacked });
    assert.deepEqual(await readFile(join(unpacked, 'build', image)), honest);
  });

  attack('has nothing written over a link but where the command line says so', async (place) => {
    const { app, project, own, registry, bunnyDone, bunnyError } = place;
    const outside = await elsewhere(place);
    await app('hello');
    const build = ['build', '--from', registry, ...target];
    await bunnyDone(build);
    await rm(join(project, 'build'), { recursive: true });
    for (const link of ['', image, `${image}.record.json`, `${image}.sizes.json`, `${image}.initrd`]) {
      const path = join(project, 'build', link);
      await mkdir(join(path, '..'), { recursive: true });
      await symlink(link === '' ? outside : join(outside, link), path);
      await own(project);
      const { code, status } = await bunnyError(build);
      assert.deepEqual([code, status], ['BUNNY_EPATH', 2], link);
      await isWhole(outside);
      if (link === '') await bunnyDone([...build, '-o', 'build/named']);
      await rm(join(outside, 'named'), { force: true });
      await rm(join(outside, 'named.record.json'), { force: true });
      await rm(join(outside, 'named.sizes.json'), { force: true });
      await rm(join(project, 'build'), { recursive: true });
    }
  });

  attack('has no OCI image written, or anything removed, over a link', async (place) => {
    const { app, project, home, own, registry, bunnyDone, bunnyError } = place;
    const outside = join(home, 'elsewhere');
    // What an image layout would have removed, had it been its own.
    const blob = 'a'.repeat(64);
    await app('hello');
    const build = ['build', '--from', registry, ...target, '--type', 'oci'];
    await bunnyDone(build);
    const links = ['', 'blobs', 'blobs/sha256', 'ingest', '.lock', '.layer', 'index.json', 'oci-layout'];
    for (const link of links) {
      const path = join(project, 'build/images', link);
      await mkdir(outside);
      await mkdir(join(outside, 'sha256'));
      for (const name of [blob, `sha256/${blob}`]) await writeFile(join(outside, name), 'kept');
      await rm(path, { recursive: true, force: true });
      await symlink(outside, path);
      await own(outside);
      await own(project);
      for (const words of [build, ['push', 'oci:out:1']]) {
        const { code, status } = await bunnyError(words);
        assert.deepEqual([code, status], ['BUNNY_EPATH', 2], `${words[0]}: ${link}`);
      }
      assert.deepEqual(await filesBelow(outside), [blob, `sha256/${blob}`], link);
      await rm(outside, { recursive: true });
      await rm(path);
      await bunnyDone(build);
    }
    const archive = ['--tag', 'docker-archive:Bunnyfile'];
    assert.equal((await bunnyError([...build, ...archive])).code, 'BUNNY_EEXISTS');
    assert.equal((await bunnyError([...build, '--tag', 'docker-archive:/dev/null'])).code, 'BUNNY_EEXISTS');
  });

  attack('has its lock neither read nor written over a link, and its Bunnyfile only read', async (place) => {
    const { app, project, home, own, registry, bunny, bunnyDone, bunnyError } = place;
    const outside = await elsewhere(place);
    await app('hello');
    await symlink(join(outside, 'bunny.lock'), join(project, 'bunny.lock'));
    await own(project);
    const from = ['--from', registry];
    for (const words of [
      ['resolve'],
      ['build', ...target],
      ['update'],
      ['fetch'],
      ['add', 'time'],
      ['tree'],
    ]) {
      const { code } = await bunnyError([...words, ...from]);
      assert.equal(code, 'BUNNY_EPATH', words[0]);
    }
    await isWhole(outside);
    await rm(join(project, 'bunny.lock'));
    await bunnyDone(['resolve', ...from]);
    await cp(join(project, 'bunny.lock'), join(outside, 'bunny.lock'));
    await rm(join(project, 'bunny.lock'));
    await symlink('../elsewhere/bunny.lock', join(project, 'bunny.lock'));
    assert.equal((await bunnyError(['build', '--frozen', ...target, ...from])).code, 'BUNNY_EPATH');
    await rm(join(project, 'bunny.lock'));
    await rm(join(outside, 'bunny.lock'));

    const text = await readFile(join(project, 'Bunnyfile'), 'utf8');
    await writeFile(join(home, 'Bunnyfile'), text);
    await rm(join(project, 'Bunnyfile'));
    await symlink('../Bunnyfile', join(project, 'Bunnyfile'));
    await own(home);
    await bunnyDone(['build', ...target, ...from]);
    const lock = await readFile(join(project, 'bunny.lock'));
    assert.equal((await bunnyError(['add', 'time', ...from])).code, 'BUNNY_EPATH');
    assert.equal(await readFile(join(home, 'Bunnyfile'), 'utf8'), text);
    assert.deepEqual(await readFile(join(project, 'bunny.lock')), lock);
    assert.equal((await bunny(['resolve', '--frozen', ...from])).status, 0);
  });

  attack('costs nothing where its files are large and of holes', async (place) => {
    const { project, own, write, registry, bunnyError } = place;
    const document = (platforms: string, rest: string) =>
      ['version: v0.1', 'name: holes', `platforms: { ${platforms}, architecture: amd64 }`, rest, ''].join(
        '\n',
      );
    const compiled = (rootfs: string) =>
      document(
        'framework: warren, monitor: linuxu',
        `dependencies: { libc: ^1.0, initrd: '*' }\nrootfs: ${rootfs}`,
      );
    const packaged = (kernel: string) => document('framework: unikraft, monitor: qemu', `kernel: ${kernel}`);
    const component =
      'framework: warren\nname: holes\nversion: 1.0.0\naffectedBy: [arch]\nmatrix: { arch: [amd64] }\n';
    await write({
      'src/main.c': 'int main(void) { return 0; }\n',
      'www/huge': '',
      'c/code.c': 'int one;\n',
      'c/huge': '',
    });
    for (const huge of ['www/huge', 'c/huge']) await truncate(join(project, huge), 3_000_000_000_000);
    await write({ 'c/component.yaml': `${component}sources: [code.c]\n` });
    await own(project);
    const build = ['build', '--from', registry];
    const cases: [text: string, words: string[], code: string][] = [
      [compiled('{ from: scratch, include: ["www:/"] }'), build, 'BUNNY_EROOTFS'],
      [compiled('{ from: scratch, include: ["www/huge:/x"] }'), build, 'BUNNY_EROOTFS'],
      [compiled('{ from: local, path: www/huge }'), build, 'BUNNY_ELIMIT'],
      [packaged('{ from: local, path: www/huge }'), build, 'BUNNY_ELIMIT'],
      [compiled('{ from: scratch }'), ['publish', 'c', '--dry-run', '--to', registry], 'BUNNY_ELIMIT'],
    ];
    for (const [text, words, code] of cases) {
      await write({ Bunnyfile: text });
      const before = performance.now();
      const error = await bunnyError(words);
      assert.deepEqual([error.code, error.status], [code, 2], `${words.join(' ')}: ${text}`);
      assert.ok(performance.now() - before < 20_000, text);
    }
    assert.deepEqual(await readdir(join(project, 'build')).catch(() => []), []);
  });

  attack('has recorded only what is in it', async (place) => {
    const { project, own, write, registry, bunnyDone, bunnyError } = place;
    const outside = await elsewhere(place);
    await write({
      Bunnyfile: [
        'version: v0.1',
        'name: hello',
        'platforms: { framework: warren, monitor: linuxu, architecture: amd64 }',
        'dependencies: { libc: ^1.0 }',
        '',
      ].join('\n'),
      'src/main.c': '#include "link.h"\nint main(void) { return VALUE; }\n',
      'src/value.h': '#define VALUE 3\n',
    });
    await symlink('value.h', join(project, 'src/link.h'));
    await own(project);
    const build = ['build', '--from', registry];
    await bunnyDone(build);
    const record = await readFile(join(project, 'build', `${image}.record.json`), 'utf8');
    const inputs = new Map(
      (JSON.parse(record) as { inputs: { path: string; digest: string }[] }).inputs.map((each) => [
        each.path,
        each.digest,
      ]),
    );
    assert.match(inputs.get('src/link.h') ?? '', /^sha256:/);
    // In the sandbox it leads to a file of the tooling root; here, to one of the user's.
    await rm(join(project, 'src/link.h'));
    await symlink('/usr/lib/gcc/x86_64-linux-gnu/12/include/stddef.h', join(project, 'src/link.h'));
    await writeFile(join(project, 'src/main.c'), '#include "link.h"\nint main(void) { return 3; }\n');
    await own(project);
    const { code, where } = await bunnyError(build);
    assert.deepEqual([code, where], ['BUNNY_EPATH', join(project, 'src/link.h')]);
    await isWhole(outside);
  });

  attack(
    'reaches nothing while links are put in the place of directories, and these back, again and again',
    async (place) => {
      const { app, project, registry, bunny, bunnyDone, account } = place;
      const outside = await elsewhere(place);
      await app('hello');
      const build = ['build', '--from', registry, ...target];
      await bunnyDone(build);
      const script = `
        const [project, outside] = process.argv.slice(1);
        const attempt = (action) => { try { action(); } catch {} };
        process.stdout.write('x');
        for (;;) for (const name of ['build', 'build/${image}', '.bunny', 'bunny.lock', 'src']) {
          const place = project + '/' + name;
          const aside = place + '.aside';
          attempt(() => fs.renameSync(place, aside));
          attempt(() => fs.symlinkSync(outside, place));
          attempt(() => fs.rmSync(place));
          attempt(() => fs.renameSync(aside, place));
        }`;
      const [program = '', ...words] = [...account.through, process.execPath, '-e', script, project, outside];
      const swapper: ChildProcess = spawn(program, words, { stdio: ['ignore', 'pipe', 'inherit'] });
      try {
        if (swapper.stdout !== null) await once(swapper.stdout, 'data');
        for (let round = 0; round < 4; round++) {
          await writeFile(join(project, 'Bunnyfile'), await readFile(join(project, 'Bunnyfile')));
          const { status, stderr } = await bunny([...build, '--json']);
          assert.ok(status === 0 || /error\[BUNNY_E\w+\]/.test(stderr), stderr);
          assert.doesNotMatch(stderr, /EINTERNAL/);
          await isWhole(outside);
        }
      } finally {
        swapper.kill('SIGKILL');
        await once(swapper, 'exit');
      }
      await isWhole(outside);
    },
  );
});
