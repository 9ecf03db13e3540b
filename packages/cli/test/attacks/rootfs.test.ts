import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { filesBelow } from 'bunny-libos-testing/frameworks/warren.js';
import { attack } from './attack.js';

const head = [
  'version: v0.1',
  'name: taken',
  'platforms: { framework: warren, monitor: qemu, architecture: amd64 }',
];

/** Files of a Bunnyfile that are packaged as they are. */
const packaged = (...lines: string[]) => [...head, ...lines, ''].join('\n');

describe('what a Bunnyfile packages', () => {
  attack('is nothing from outside the project', async ({ write, own, home, project, bunnyError }) => {
    await write({ secret: 'secret', 'elsewhere/secret': 'secret' }, home);
    await write({ kernel: 'kernel', 'own/file': '' });
    await symlink('..', join(project, 'up'));
    await symlink('../secret', join(project, 'secret'));
    await own(project);
    const local = 'kernel: { from: local, path: kernel }';
    const included = (type: string, source: string) =>
      `rootfs: { from: scratch, type: ${type}, include: ['${source}:/x'] }`;
    const outside = ['..', '../secret', '../elsewhere', 'up/secret', 'up/elsewhere', 'own/../../secret'];
    const documents = [
      ...['../secret', 'secret', 'up/secret', 'own/../../secret'].map((path) => [
        `kernel: { from: local, path: ${path} }`,
      ]),
      ...['../secret', 'secret', 'up/secret'].map((path) => [
        local,
        `rootfs: { from: local, path: ${path}, type: initrd }`,
      ]),
      ...['initrd', 'raw'].flatMap((type) => outside.map((path) => [local, included(type, path)])),
    ];
    for (const lines of documents) {
      await write({ Bunnyfile: packaged(...lines) });
      const error = await bunnyError(['build', '--type', lines.join().includes('raw') ? 'oci' : 'elf']);
      assert.deepEqual([error.status, error.code], [2, 'BUNNY_EPATH'], lines.join());
      assert.ok(!existsSync(join(project, 'build')), lines.join());
    }
  });

  attack('is a link where a link stands in a tree', async ({ write, own, home, project, bunnyDone }) => {
    await write({ secret: 'secret' }, home);
    await write({ kernel: 'kernel', 'tree/file': 'file' });
    await symlink('../../secret', join(project, 'tree/link'));
    await own(project);
    const lines = [
      'kernel: { from: local, path: /kernel }',
      "rootfs: { from: scratch, type: initrd, include: ['/tree:/'] }",
    ];
    await write({ Bunnyfile: packaged(...lines) });
    await bunnyDone(['build']);
    const [initrd] = (await filesBelow(join(project, 'build'))).filter((path) => path.endsWith('.initrd'));
    const bytes = await readFile(join(project, 'build', initrd ?? ''), 'latin1');
    assert.match(bytes, /\.\.\/\.\.\/secret/);
    assert.doesNotMatch(bytes.replaceAll('../../secret', ''), /secret/);
  });
});
