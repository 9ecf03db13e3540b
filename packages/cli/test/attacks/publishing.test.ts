import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { chmod, mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { filesBelow } from 'bunny-libos-testing/frameworks/warren.js';
import { attack, type Place } from './attack.js';

const tooling = (rootfs: string) =>
  [
    'framework: burrow',
    'version: 1.0.0',
    'abi: burrow-1',
    `rootfs: ${rootfs}`,
    "languages: { c: { files: '*.c', compile: x86_64-linux-gnu-gcc-12 -c $in -o $out } }",
    'targets:',
    '  - { arch: amd64, platform: linuxu, link: ld $objects -o $out, monitor: { command: $image } }',
    '',
  ].join('\n');

const component = (more: string) =>
  [
    'framework: burrow',
    'name: dig',
    'version: 1.0.0',
    more,
    'matrix: { arch: [amd64], platform: [linuxu] }',
    '',
  ].join('\n');

interface Planned {
  tooling: { action: string; layerHash: string | null };
  variants: { name: string; action: string; layerHash: string | null; tag: string | null }[];
}

describe('publishing foreign sources', () => {
  /** Sources whose root filesystem is made by a program that leaves a mark in the home directory. */
  const marking = async ({ write, project, home, own }: Place) => {
    await write({
      'tooling/tooling.yaml': tooling('{ command: { run: [./make-root], inputs: [make-root] } }'),
      'tooling/make-root': `#!/bin/sh\necho ran >> ${home}/ran\nmkdir "$1/bin"\n`,
      'dig/component.yaml': component('sources: [dig.c]'),
      'dig/dig.c': 'int dig;\n',
    });
    await chmod(join(project, 'tooling/make-root'), 0o755);
    await own(project);
    return join(home, 'ran');
  };

  attack('runs no program of theirs that nobody allowed', async (place) => {
    const ran = await marking(place);
    const { bunnyError } = place;
    const error = await bunnyError(['publish', '.', '--to', 'oci:../registry']);
    assert.deepEqual([error.status, error.code], [2, 'BUNNY_ECOMMANDS']);
    assert.match(JSON.stringify(error.where), /tooling\.yaml/);
    assert.match(error.details[0] ?? '', /runs on this machine, as you: \S+make-root$/);
    assert.match(error.hint ?? '', /--allow-commands/);
    assert.equal(existsSync(ran), false);
  });

  attack('runs none in a dry run, and tells that hashes are not known', async (place) => {
    const ran = await marking(place);
    const { bunnyJson, bunnyDone } = place;
    const words = ['publish', '.', '--allow-commands', '--dry-run', '--to', 'oci:../registry'];
    const { plans } = await bunnyJson<{ plans: Planned[] }>(words);
    assert.deepEqual(plans[0]?.tooling.layerHash, null);
    assert.deepEqual(
      plans[0]?.variants.map(({ name, action, layerHash, tag }) => [name, action, layerHash, tag]),
      [['dig', 'build', null, null]],
    );
    const { stdout, stderr } = await bunnyDone(words);
    assert.match(stderr, /layer hashes of burrow are not known: the root filesystem has not been made yet/);
    assert.doesNotMatch(stdout, /0{16}/);
    assert.equal(existsSync(ran), false);
  });

  attack('runs none before all is refused that can be refused without', async (place) => {
    const ran = await marking(place);
    const { write, bunnyError } = place;
    await write({ 'dig/component.yaml': component('sources: [none.c]') });
    const error = await bunnyError(['publish', '.', '--allow-commands', '--to', 'oci:../registry']);
    assert.equal(error.code, 'BUNNY_ESOURCE');
    assert.equal(existsSync(ran), false);
  });

  attack(
    'packs nothing from outside their directories',
    async ({ write, own, home, project, bunnyError }) => {
      await write(
        { 'root.tar': 'secret', 'tree/id': 'secret', 'link.lds': 'secret', 'dig.o': 'secret' },
        home,
      );
      await write({
        'own/etc/x': '',
        'dig/dig.c': 'int dig;\n',
        'dig/.gitkeep': '',
      });
      await mkdir(join(project, 'dig/links'));
      await symlink('../../..', join(project, 'dig/links/up'));
      await symlink('..', join(project, 'up'));
      await symlink('../../link.lds', join(project, 'dig/link.lds'));
      await own(project);
      const toolings = [
        '{ directory: ../tree }',
        '{ directory: up/tree }',
        `{ directory: ${home}/tree }`,
        '{ tar: ../root.tar }',
        '{ tar: up/root.tar }',
        '{ directory: own }\noverlay: ../tree',
        '{ directory: own }\noverlay: up/tree',
      ];
      for (const rootfs of toolings) {
        await write({ 'tooling.yaml': tooling(rootfs) });
        const error = await bunnyError(['publish', 'tooling.yaml', '--to', 'oci:../registry']);
        assert.deepEqual([error.status, error.code], [2, 'BUNNY_EPATH'], rootfs);
      }
      const components = [
        'sources: [links/up/dig.c]\nexclude: [links/**]',
        'sources: [dig.c]\ninclude: [links/up/tree]\nexclude: [links/**, link.lds]',
        'sources: [{ files: dig.c, include: [links/up] }]\nexclude: [links/**, link.lds]',
        'sources: [dig.c]\nscripts: [link.lds]\nexclude: [links/**, link.lds]',
        'sources: [dig.c]\nscripts: [links/up/link.lds]\nexclude: [links/**, link.lds]',
        'sources: [dig.c]\nscripts: [{ file: ../../link.lds }]\nexclude: [links/**, link.lds]',
        'objects: [links/up/dig.o]\nexclude: [links/**, link.lds]',
        'objects: [links/**/*.o]\nexclude: [links/**, link.lds]',
        'sources: [dig.c]\ninclude: [{ directory: ., files: [links/up/link.lds] }]\nexclude: [links/**, link.lds]',
      ];
      await write({ 'tooling.yaml': tooling('{ directory: own }') });
      for (const more of components) {
        await write({ 'dig/component.yaml': component(more) });
        const error = await bunnyError(['publish', '.', '--to', 'oci:../registry', '--dry-run']);
        assert.equal(error.status, 2, more);
        assert.ok(['BUNNY_EPATH', 'BUNNY_ESOURCE'].includes(error.code), `${more}: ${error.code}`);
      }
      await mkdir(join(project, 'found'));
      await symlink('../../dig.yaml', join(project, 'found/component.yaml'));
      await write({ 'dig.yaml': component('sources: [dig.c]') }, home);
      await own(project);
      const found = await bunnyError(['publish', 'found', '--to', 'oci:../registry', '--dry-run']);
      assert.deepEqual([found.status, found.code], [2, 'BUNNY_EPATH']);
      assert.deepEqual(
        (await filesBelow(home)).filter((path) => path.startsWith('registry')),
        [],
      );
    },
  );
});
