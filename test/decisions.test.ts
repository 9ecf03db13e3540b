import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readPackages, root } from './workspace.js';

describe('docs/decisions.md', () => {
  it('gives a reason for every package that users come to run', () => {
    const text = readFileSync(join(root, 'docs/decisions.md'), 'utf8');
    const reasonless = readPackages().flatMap(({ directory, manifest }) => {
      // What a bundle is made of is declared for development, and runs all the same.
      const declared = manifest.exports === undefined ? manifest.devDependencies : manifest.dependencies;
      return Object.keys(declared ?? {})
        .filter((name) => !/^(?:bunny-libos-|@types\/)/.test(name))
        .filter((name) => !text.includes(`**\`${name}\`**`))
        .map((name) => `${name} (packages/${directory})`);
    });
    assert.deepEqual(reasonless, []);
  });
});
