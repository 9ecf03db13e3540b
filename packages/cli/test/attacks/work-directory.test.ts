import assert from 'node:assert/strict';
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { attack, type Place } from './attack.js';
import { fileTool } from './file-tool.js';

const image = 'left-amd64-linuxu';

/**
 * A compiler's wrapper that does something once the image is made. By then the listing of dependencies is a pipe, so
 * that the last command of the sandbox waits for a reader, and the build does not end before all is done.
 */
const afterwards = (deed: string) => `
  if [ ! -e /work/dependencies ]; then
    /src/tool pipe /work/dependencies
    (
      /src/tool await /work/.ninja_log IMAGE
      /src/tool sleep 100
      /src/tool link /work/dependencies /work/pipe
      /src/tool remove /work/dependencies
      : > /work/dependencies
      ${deed}
      exec < /work/pipe
      while read -r _; do :; done
    ) > /dev/null 2>&1 &
  fi
  exec "$@"
`;

const bunnyfile = (flags: string) =>
  [
    'version: v0.1',
    'name: left',
    'platforms: { framework: warren, monitor: linuxu, architecture: amd64 }',
    `app: { flags: [${flags}] }`,
    'dependencies: { libc: ^1.0 }',
    '',
  ].join('\n');

/** Each round is of another origin, so that nothing of the one before is there. */
const hostile = (round: number) => bunnyfile(`-wrapper, 'sh,/src/attack.sh', -DROUND=${round}`);
const source = (round: number) => `int main(void) { return 3; }\n/* ${round} */\n`;

async function imagePaths({ registry, bunnyJson }: Place): Promise<{ image: string; map: string }> {
  return await bunnyJson(['build', '--dry-run', '--from', registry]);
}

describe('what the sandbox leaves', () => {
  attack(
    'is read as files of its own, of a size, at once or not at all',
    async (place) => {
      const { project, home, registry, write, own, bunnyDone, bunnyError } = place;
      await writeFile(join(home, 'secret'), 'a secret of the user');
      await own(home);
      await cp(await fileTool(), join(project, 'tool'));
      await write({ Bunnyfile: bunnyfile(''), 'src/main.c': source(0), 'attack.sh': '' });
      await bunnyDone(['build', '--from', registry]);
      const honest = await readFile(join(project, 'build', image));
      const paths = await imagePaths(place);
      const object = '/work/app/src/main.c.o';
      const listing = '/work/dependencies';
      const deeds: [what: string, deed: string, code: string][] = [
        ['a link to a file of the user', `remove IMAGE; symlink ${home}/secret IMAGE`, 'BUNNY_EPATH'],
        ['a link behind another', 'move /work/app /work/other; symlink /etc /work/app', 'BUNNY_EPATH'],
        ['a pipe for the image', 'remove IMAGE; pipe IMAGE', 'BUNNY_ENOFILE'],
        ['a directory for the image', 'remove IMAGE; directory IMAGE', 'BUNNY_ENOFILE'],
        ['an image with a second name', 'link IMAGE /work/second', 'BUNNY_EPATH'],
        ['a pipe for an object', `remove ${object}; pipe ${object}`, 'BUNNY_ENOFILE'],
        ['a pipe for the map', 'remove MAP; pipe MAP', 'BUNNY_ENOFILE'],
        ['a map of 1 GB', 'grow MAP 1000000000', 'BUNNY_ELIMIT'],
        ['a pipe for the dependencies', `remove ${listing}; pipe ${listing}`, 'BUNNY_ENOFILE'],
        [
          'a file of the machine among them',
          `; printf "${object}: #deps 1, deps mtime 1 (VALID)\\n    /proc/1/environ\\n" > ${listing}`,
          'BUNNY_EPATH',
        ],
      ];
      for (const [round, [what, deed, code]] of deeds.entries()) {
        const commands = deed
          .split('; ')
          .map((each) => (/^(?:$|printf)/.test(each) ? each : `/src/tool ${each}`));
        const script = afterwards(commands.filter((each) => each !== '').join('; '))
          .replaceAll('IMAGE', paths.image)
          .replaceAll('MAP', paths.map);
        await write({ Bunnyfile: hostile(round), 'attack.sh': script });
        const before = performance.now();
        const error = await bunnyError(['build', '--from', registry]);
        assert.deepEqual([error.code, error.status], [code, 5], `${what}: ${error.message}`);
        assert.ok(performance.now() - before < 20_000, what);
        assert.deepEqual(await readFile(join(project, 'build', image)), honest, what);
      }
      // Nothing of it is taken for the work of an honest build.
      await write({ Bunnyfile: bunnyfile(''), 'src/main.c': source(0) });
      await rm(join(project, 'build'), { recursive: true });
      await bunnyDone(['build', '--from', registry]);
      assert.deepEqual(await readFile(join(project, 'build', image)), honest);
    },
    { timeout: 120_000 },
  );

  attack('is not used by a build with other flags, however new it looks', async (place) => {
    const { project, registry, store, write, bunnyDone, bunnyJson } = place;
    await write({ Bunnyfile: bunnyfile(''), 'src/main.c': source(0) });
    await bunnyDone(['build', '--from', registry]);
    const honest = await readFile(join(project, 'build', image));
    // Runs as the honest build would, but object and image are others, with the times of those that were made.
    const { image: made } = await imagePaths(place);
    const poison = afterwards(
      [
        'printf "int main(void) { return 66; }" > /work/evil.c',
        'x86_64-linux-gnu-gcc-12 -c /work/evil.c -o /work/evil.o',
        '/src/tool replace /work/app/src/main.c.o /work/evil.o',
        'echo evil > /work/evil',
        '/src/tool replace IMAGE /work/evil',
      ].join('; '),
    ).replaceAll('IMAGE', made);
    await cp(await fileTool(), join(project, 'tool'));
    await write({ Bunnyfile: hostile(0), 'attack.sh': poison });
    await bunnyDone(['build', '--from', registry]);
    const [key = ''] = await readdir(join(store, 'work'));
    assert.ok(key !== '');
    await write({ Bunnyfile: bunnyfile('') });
    const { ran } = await bunnyJson<{ ran: number }>(['build', '--from', registry]);
    assert.ok(ran > 2, 'all was made anew');
    assert.deepEqual(await readFile(join(project, 'build', image)), honest);
    assert.equal((await bunnyJson<{ ran: number }>(['build', '--from', registry])).ran, 0);
  });

  attack('swaps files while it is built, to no avail', async (place) => {
    const { home, project, registry, write, own, bunny } = place;
    await mkdir(join(home, 'elsewhere'));
    await writeFile(join(home, 'elsewhere/secret'), 'a secret of the user');
    await own(home);
    await cp(await fileTool(), join(project, 'tool'));
    await write({ Bunnyfile: bunnyfile(''), 'src/main.c': source(0) });
    const paths = await imagePaths(place);
    const files = [paths.image, paths.map, '/work/linked', '/work/app/src/main.c.o', '/work/dependencies'];
    const swap = `/src/tool swap ${home}/elsewhere/secret ${files.join(' ')} > /dev/null 2>&1 &\nexec "$@"\n`;
    for (let round = 0; round < 4; round++) {
      await write({
        Bunnyfile: hostile(0),
        'attack.sh': swap,
        'src/main.c': source(round),
      });
      const { status, stderr } = await bunny(['build', '--from', registry]);
      assert.ok(status === 0 || /error\[BUNNY_E\w+\]/.test(stderr), stderr);
      assert.doesNotMatch(stderr, /EINTERNAL|a secret/);
      for (const name of await readdir(join(project, 'build')).catch(() => []))
        assert.ok(!(await readFile(join(project, 'build', name))).includes('a secret'), name);
    }
    assert.equal(await readFile(join(home, 'elsewhere/secret'), 'utf8'), 'a secret of the user');
  });

  attack('is neither published nor taken for what an honest component comes to', async (place) => {
    const { home, project, registry, account, write, bunnyError, bunnyJson } = place;
    await account.copy(registry.replace(/^oci:/, ''), join(home, 'registry'));
    const component = (name: string, flags: string) =>
      [
        'framework: warren',
        `name: ${name}`,
        'version: 1.0.0',
        `flags: [${flags}]`,
        'affectedBy: [arch]',
        'sources: [code.c]',
        'matrix: { arch: [amd64] }',
        '',
      ].join('\n');
    const spoil = [
      'until [ -e /work/honest-1.0.0/*/code.c.o ]; do /src/hostile-1.0.0/tool sleep 5; done',
      'echo "int evil;" > /work/evil.c',
      'for object in /work/honest-1.0.0/*/code.c.o; do',
      '  x86_64-linux-gnu-gcc-12 -c /work/evil.c -o /work/evil.o',
      '  /src/hostile-1.0.0/tool replace "$object" /work/evil.o; done',
      'for object in /work/hostile-1.0.0/*/code.c.o; do',
      '  /src/hostile-1.0.0/tool remove "$object"; /src/hostile-1.0.0/tool pipe "$object"; done',
    ].join('\n');
    const script = afterwards(spoil)
      .replaceAll('/src/tool', '/src/hostile-1.0.0/tool')
      .replaceAll('IMAGE', 'hostile-1.0.0');
    await write({
      'honest/component.yaml': component('honest', ''),
      'honest/code.c': 'int honest;\n',
      'hostile/component.yaml': component('hostile', "-wrapper, 'sh,/src/hostile-1.0.0/attack.sh'"),
      'hostile/code.c': 'int hostile;\n',
      'hostile/attack.sh': script,
    });
    await cp(await fileTool(), join(project, 'hostile/tool'));
    await place.own(project);
    const words = ['publish', '.', '--to', 'oci:../registry'];
    const error = await bunnyError(words);
    assert.deepEqual([error.code, error.status], ['BUNNY_ENOFILE', 5], error.message);
    await write({ 'hostile/component.yaml': component('hostile', '') });
    const { results } = await bunnyJson<{ results: { compiled: number }[] }>(words);
    assert.deepEqual(
      results.map(({ compiled }) => compiled),
      [2],
    );
  });
});
