import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import {
  appendFile,
  cp,
  mkdir,
  readFile,
  rename,
  rm,
  symlink,
  truncate,
  unlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { bunny, bunnyDone, bunnyError, bunnyJson } from 'bunny-libos-testing/command/bunny.js';
import { edit, writeFiles } from 'bunny-libos-testing/files/documents.js';
import { lastingCache, temporaryDirectory } from 'bunny-libos-testing/files/temporary.js';
import { buildTree, standInMain, writeStandIn } from 'bunny-libos-testing/frameworks/unikraft-tree.js';
import { filesBelow, warrenTimeout } from 'bunny-libos-testing/frameworks/warren.js';

/** Finished builds of the real Unikraft, where there are some: directories with a colon between. */
const real = process.env.BUNNY_TEST_UNIKRAFT?.split(':');

/** A directory with two builds of the stand-in, that differ in a flag of one library and in having another. */
async function twoTrees(): Promise<{ place: string; images: { plain: string; loud: string } }> {
  const place = await temporaryDirectory('unikraft');
  const base = join(place, 'base');
  await writeStandIn(base);
  const plain = await buildTree(base, join(place, 'plain'));
  const loud = await buildTree(base, join(place, 'loud'), { loud: true, extra: true });
  return { place, images: { plain, loud } };
}

async function oneTree(): Promise<{ place: string; build: string }> {
  const place = await temporaryDirectory('unikraft');
  await writeStandIn(join(place, 'base'));
  await buildTree(join(place, 'base'), join(place, 'app'));
  return { place, build: join(place, 'app/build') };
}

/** Builds an app for a configuration of what stands in `cwd/registry`. Gives the image. */
async function buildApp(cwd: string, name: string, configuration: string, source: string): Promise<string> {
  await bunnyDone(['init', name, '--framework', 'unikraft', '--from', 'oci:registry'], {
    cwd,
    store: lastingCache,
  });
  const app = join(cwd, name);
  const text = await readFile(join(app, 'Bunnyfile'), 'utf8');
  await writeFile(
    join(app, 'Bunnyfile'),
    text.replace(/configuration: [\w-]+/, `configuration: ${configuration}`),
  );
  await writeFile(join(app, 'main.c'), source);
  await bunnyDone(['build'], { cwd: app, store: lastingCache });
  return join(app, `build/${name}-amd64-qemu`);
}

describe('bunny import unikraft', function () {
  // The root of the tooling layer is made of Debian packages once, and kept.
  this.timeout(2 * warrenTimeout);

  it('makes images that are, byte for byte, those of the build', async () => {
    const { place: cwd, images } = await twoTrees();
    const imported = await bunnyJson<{ components: string[]; perImage: string[] }>(
      ['import', 'unikraft', 'plain/build', 'loud/build', '--out', 'libos'],
      { cwd },
    );
    assert.deepEqual(imported.perImage, ['libukboot', 'libuklibid']);
    assert.deepEqual(imported.components, ['libextra', 'libkvmplat', 'libnoise', 'libukprint', 'unikraft']);
    for (const shared of ['libkvmplat', 'libukprint']) {
      const text = await readFile(join(cwd, `libos/${shared}/component.yaml`), 'utf8');
      assert.doesNotMatch(text, /configuration/, `${shared} is equal in both`);
    }
    const published = await bunnyDone(['publish', 'libos', '--to', 'oci:registry', '--allow-commands'], {
      cwd,
      store: lastingCache,
      env: process.env,
    });
    // The component that stands for a configuration has nothing but what it depends on.
    assert.doesNotMatch(published.stderr, /uses neither/);
    await mkdir(join(cwd, 'apps'));
    await cp(join(cwd, 'registry'), join(cwd, 'apps/registry'), { recursive: true });
    const apps = join(cwd, 'apps');
    for (const name of ['plain', 'loud'] as const) {
      const image = await buildApp(apps, name, name, standInMain);
      execFileSync('cmp', [image, images[name]]);
    }
    const { stdout } = await bunnyDone(['run'], { cwd: join(apps, 'loud'), store: lastingCache });
    assert.equal(
      stdout.replaceAll('\r', ''),
      'libukboot boots loud\nLOUD\nextra\nmain of loud in main.c, apploud\n',
    );
    const other = standInMain.replace('uk_print("main of ");', 'uk_print("the other, ");');
    await buildApp(apps, 'other', 'plain', other);
    const second = await bunnyDone(['run'], { cwd: join(apps, 'other'), store: lastingCache });
    assert.equal(second.stdout, 'libukboot boots other\nquiet\nthe other, other in main.c, appother\n');
  });

  it('writes the same for the same, without what is of this machine, and runs nothing', async () => {
    const { place: cwd } = await twoTrees();
    const mark = join(await temporaryDirectory('unikraft-mark'), 'was-run');
    for (const script of ['mkbootinfo', 'multiboot']) {
      await writeFile(join(cwd, `base/support/scripts/${script}.py`), `#!/bin/sh\ntouch ${mark}\n`);
    }
    for (const out of ['one', 'two']) {
      await bunnyDone(['import', 'unikraft', 'plain/build', 'b=loud/build', '--out', out], { cwd });
    }
    execFileSync('diff', ['-r', 'one', 'two'], { cwd });
    assert.equal(existsSync(mark), false);
    const named = execFileSync('sh', ['-c', 'grep -rlF "$1" one || true', 'sh', cwd], {
      cwd,
      encoding: 'utf8',
    });
    assert.equal(named, '');
  });

  let made: Promise<{ place: string; build: string }> | undefined;
  /** The same tree each time, at the place where it was built, whatever was done to it before. */
  const freshTree = async () => {
    const isNew = made === undefined;
    made ??= oneTree();
    const tree = await made;
    const kept = `${tree.place}.kept`;
    if (isNew) execFileSync('cp', ['-a', tree.place, kept]);
    execFileSync('rm', ['-rf', tree.place]);
    execFileSync('cp', ['-a', kept, tree.place]);
    return tree;
  };

  type Tree = { place: string; build: string };
  const refusals: [name: string, spoil: (tree: Tree) => unknown, message: RegExp, code?: string][] = [
    [
      'no build at all',
      ({ build }) => rm(build, { recursive: true }).then(() => mkdir(build)),
      /no finished build/,
    ],
    [
      'one that was not linked',
      async ({ build }) => unlinkAll(build, /\.dbg(\.cmd)?$/),
      /no image was linked/,
    ],
    ['one without its image', ({ build }) => unlink(join(build, 'app_qemu-x86_64')), /image is missing/],
    ['one without an object', ({ build }) => unlink(join(build, 'libukprint.o')), /missing/],
    [
      'one that make would go on with',
      ({ place }) =>
        utimes(join(place, 'base/lib/ukprint/private.h'), new Date(), new Date(Date.now() + 1000)),
      /newer than what is made of it/,
    ],
    [
      'one whose library was made again',
      ({ build }) => utimes(join(build, 'libnoise.o'), new Date(), new Date(Date.now() + 1000)),
      /newer than what is made of it/,
    ],
    [
      'one of another version',
      ({ build }) => edit(join(build, 'config'), '0.17.0', '0.16.3'),
      /0\.16\.3.*knows 0\.17/,
    ],
    [
      'one whose Unikraft was changed',
      ({ place }) => edit(join(place, 'base/version.mk'), '= 17', '= 18'),
      /has 0\.18\.0 now/,
    ],
    [
      'one without its Unikraft',
      ({ place }) => rename(join(place, 'base'), join(place, 'gone')),
      /is not there/,
    ],
    [
      'one for another platform',
      ({ build }) => edit(join(build, 'config'), 'KVM_VMM_QEMU', 'KVM_VMM_OTHER'),
      /another platform/,
    ],
    [
      'a mix of two configurations',
      ({ build }) => appendFile(join(build, 'libuklibid/libraries.in'), 'libold\n'),
      /mix of two/,
    ],
    [
      'one with two images',
      ({ build }) => writeFile(join(build, 'old_qemu-x86_64.dbg.cmd'), 'true'),
      /several images/,
    ],
    [
      'a step that it does not know',
      ({ build }) => writeFile(join(build, 'app_qemu-x86_64.sign.cmd'), 'true'),
      /a step after the link.*sign/,
    ],
    [
      'a command that does more',
      ({ build }) => edit(join(build, 'app_qemu-x86_64.multiboot.cmd'), /$/, ' $(id)'),
      /none that Unikraft writes/,
    ],
    [
      'a program that is none of a build',
      ({ build }) => edit(join(build, 'app_qemu-x86_64.multiboot.cmd'), /^.*multiboot\.py/, '/bin/rm'),
      /runs \/bin\/rm/,
    ],
    [
      'a header outside of all',
      ({ build }) => edit(join(build, 'appapp/main.o.cmd'), ' -c ', ' -I/etc -c '),
      /outside of the build/,
    ],
    [
      'a link out of the build',
      async ({ build }) => {
        await unlink(join(build, 'libukprint.o'));
        await symlink('/etc/passwd', join(build, 'libukprint.o'));
      },
      /outside of the build/,
    ],
    [
      'a pipe in the place of an object',
      async ({ build }) => {
        await unlink(join(build, 'libukprint.o'));
        execFileSync('mkfifo', [join(build, 'libukprint.o')]);
      },
      /not a regular file/,
      'BUNNY_ENOFILE',
    ],
    [
      'a file beyond measure',
      ({ build }) => truncate(join(build, 'libukprint.o'), 2 ** 40),
      /larger/,
      'BUNNY_ELIMIT',
    ],
    [
      'what is no object',
      ({ build }) => writeFile(join(build, 'libukprint.o'), 'x'.repeat(100)),
      /no relocatable object/,
    ],
    [
      'a library that no component can be called as',
      async ({ build }) => {
        for (const end of ['.o', '.o.cmd', '.ld.o', '.ld.o.cmd']) {
          execFileSync('cp', ['-p', join(build, `libnoise${end}`), join(build, `libNoise++${end}`)]);
        }
        for (const file of ['app_qemu-x86_64.dbg.cmd', 'libNoise++.o.cmd', 'libNoise++.ld.o.cmd']) {
          await edit(join(build, file), /libnoise((?:\.ld)?\.o)/g, 'libNoise++$1');
        }
        await edit(join(build, 'libuklibid/libraries.in'), 'libnoise', 'libNoise++');
      },
      /libNoise\+\+, which no component can be called/,
    ],
    [
      'a Unikraft that is none',
      async ({ place, build }) => {
        await edit(join(build, 'config'), `"${place}/base"`, '"/"');
      },
      /does not lead to Unikraft/,
    ],
  ];
  for (const [name, spoil, message, code = 'BUNNY_EIMPORT'] of refusals) {
    it(`refuses ${name}, and leaves nothing behind`, async () => {
      const tree = await freshTree();
      await spoil(tree);
      const cwd = await temporaryDirectory('unikraft-out');
      const error = await bunnyError(['import', 'unikraft', tree.build, '--out', 'out'], { cwd });
      assert.equal(error.code, code, error.message);
      assert.match(error.message, message);
      assert.equal(error.status, 2);
      assert.deepEqual(await filesBelow(cwd), []);
    });
  }

  it('refuses a tree that was moved, and takes one over a link', async () => {
    const { place } = await oneTree();
    const cwd = await temporaryDirectory('unikraft-out');
    await symlink(join(place, 'app'), join(cwd, 'link'));
    await bunnyDone(['import', 'unikraft', 'link/build', '--out', 'out'], { cwd });
    await cp(join(place, 'app'), join(cwd, 'copy'), { recursive: true, preserveTimestamps: true });
    const error = await bunnyError(['import', 'unikraft', 'copy/build', '--out', 'other'], { cwd });
    assert.match(error.message, /was built at .*app\/build, and is elsewhere/);
  });

  it('takes one that lies in its app with all that it was built from, and names it after that', async () => {
    const place = await temporaryDirectory('unikraft');
    const app = join(place, 'My_App');
    const base = join(app, '.unikraft/unikraft');
    await writeStandIn(base);
    await buildTree(base, app, { name: 'mine', elsewhere: join(app, '.unikraft/libs/extra'), extra: true });
    const imported = await bunnyJson<{ configurations: { name: string }[] }>(
      ['import', 'unikraft', 'My_App/build', '--out', 'out'],
      { cwd: place },
    );
    assert.deepEqual(
      imported.configurations.map(({ name }) => name),
      ['my-app'],
    );
    const version = /^version: (.*)$/m.exec(
      await readFile(join(place, 'out/libextra/component.yaml'), 'utf8'),
    );
    assert.equal(version?.[1], '4.5.0');
  });

  it('refuses trees that do not belong together', async () => {
    const { place: cwd } = await twoTrees();
    const importing = (...words: string[]) =>
      bunnyError(['import', 'unikraft', ...words, '--out', 'out'], { cwd });
    assert.match(
      (await importing('a=plain/build', 'a=loud/build')).message,
      /two configurations would be called a/,
    );
    assert.match((await importing('A=plain/build')).message, /"A" cannot be the name/);
    await edit(join(cwd, 'loud/build/config'), '~stand1n', '~other');
    assert.match((await importing('plain/build', 'loud/build')).message, /of two versions/);
  });

  it('makes the images of real builds, where BUNNY_TEST_UNIKRAFT names some', async function () {
    if (real === undefined) return this.skip();
    const cwd = await temporaryDirectory('unikraft-real');
    const names = real.map((build, index) => `c${index}=${build}`);
    await bunnyDone(['import', 'unikraft', ...names, '--out', 'libos'], { cwd });
    await bunnyDone(['publish', 'libos', '--to', 'oci:registry', '--allow-commands'], {
      cwd,
      store: lastingCache,
      env: process.env,
    });
    for (const [index, build] of real.entries()) {
      const config = await readFile(join(build, 'config'), 'utf8');
      const value = (name: string) => new RegExp(`^CONFIG_${name}="(.*)"$`, 'm').exec(config)?.[1] ?? '';
      const [name, arch] = [value('UK_NAME'), value('UK_ARCH')];
      const app = join(cwd, `app${index}`);
      await cp(value('UK_APP'), app, {
        recursive: true,
        filter: (path) => path === value('UK_APP') || path.endsWith('.c'),
      });
      await writeFiles(app, {
        Bunnyfile: [
          'version: v0.1',
          `name: ${name}`,
          `platforms: { framework: unikraft, monitor: qemu, architecture: ${arch} }`,
          'registries: [oci:../registry]',
          "app: { sources: ['*.c'] }",
          `settings: { configuration: c${index} }`,
          '',
        ].join('\n'),
      });
      await bunnyDone(['build', '-o', 'image'], { cwd: app, store: lastingCache });
      execFileSync('cmp', [join(app, 'image'), join(build, `${name}_qemu-${arch}`)]);
      const { stdout } = await bunny(['run', '--timeout', '30'], { cwd: app, store: lastingCache });
      assert.match(stdout, /Calypso 0\.17/);
    }
  });
});

function unlinkAll(directory: string, names: RegExp): void {
  const found = execFileSync('ls', [directory], { encoding: 'utf8' }).split('\n');
  for (const name of found) if (names.test(name)) execFileSync('rm', [join(directory, name)]);
}
