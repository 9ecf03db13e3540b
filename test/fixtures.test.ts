import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { readBunnyfile, readComponent, readTooling } from 'bunny-libos-spec';
import { root } from './workspace.js';

const readers = new Map<string, (text: string, file: string) => unknown>([
  ['component.yaml', readComponent],
  ['tooling.yaml', readTooling],
  ['Bunnyfile', readBunnyfile],
]);

describe('the documents of the fixtures', () => {
  for (const folder of ['warren', 'apps'].map((name) => join(root, 'fixtures', name)).filter(existsSync)) {
    for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()) {
      const read = readers.get(basename(file));
      if (read !== undefined) {
        it(`${basename(folder)}/${file}`, () => {
          read(readFileSync(join(folder, file), 'utf8'), file);
        });
      }
    }
  }
});
