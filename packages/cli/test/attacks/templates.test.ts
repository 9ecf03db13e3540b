import assert from 'node:assert/strict';
import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { filesBelow } from 'bunny-libos-testing/frameworks/warren.js';
import { attack } from './attack.js';

describe('the template of a registry', () => {
  attack('writes through no link, and leaves nothing half-written', async (place) => {
    const { project, home, own, registry, bunnyError } = place;
    const words = (directory: string) => ['init', directory, '--framework', 'warren', '--from', registry];
    await mkdir(join(home, 'elsewhere'));
    for (const [directory, link, target] of [
      ['one', 'src', '../../elsewhere'],
      ['two', 'src/main.c', '../../../elsewhere/main.c'],
      ['three', 'Bunnyfile', '../../elsewhere/Bunnyfile'],
      ['four', '.gitignore', '../../elsewhere/x'],
    ] as const) {
      await mkdir(join(project, directory, link, '..'), { recursive: true });
      await symlink(target, join(project, directory, link));
      await own(home);
      if (link === '.gitignore') continue;
      const error = await bunnyError(words(directory));
      const code = link === 'src' ? 'BUNNY_EPATH' : 'BUNNY_EEXISTS';
      assert.deepEqual([error.status, error.code], [2, code], link);
      assert.deepEqual(await filesBelow(join(project, directory)), [link]);
    }
    // The user's own `.gitignore` stays, wherever it leads.
    await place.bunnyDone(words('four'));
    assert.deepEqual(await filesBelow(join(home, 'elsewhere')), []);
  });
});
