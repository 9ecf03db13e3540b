import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { errorCodes } from '../src/index.js';

const packages = fileURLToPath(new URL('../../../', import.meta.url));

/** Error codes in the sources of all packages, with the files that use them. */
function codesInUse(): Map<string, string[]> {
  const users = new Map<string, string[]>();
  for (const entry of readdirSync(packages, { withFileTypes: true })) {
    if (!entry.isDirectory()) continue;
    const { name } = entry;
    for (const file of readdirSync(join(packages, name, 'src'), { recursive: true, encoding: 'utf8' })) {
      if (!file.endsWith('.ts') || file.endsWith('.test.ts') || file === 'error-codes.ts') continue;
      const path = join(name, 'src', file);
      for (const [code] of readFileSync(join(packages, path), 'utf8').matchAll(/\bBUNNY_E[A-Z0-9]+\b/g)) {
        users.set(code, [...(users.get(code) ?? []), path]);
      }
    }
  }
  return users;
}

describe('error codes', () => {
  it('all stand in the table', () => {
    const missing = [...codesInUse()]
      .filter(([code]) => !Object.hasOwn(errorCodes, code))
      .map(([code, files]) => `${code} (${[...new Set(files)].join(', ')})`)
      .sort();
    assert.deepEqual(missing, [], 'add these to packages/spec/src/error-codes.ts');
  });

  it('are all used, and each says what it means in a sentence', () => {
    const inUse = codesInUse();
    for (const [code, sentence] of Object.entries(errorCodes)) {
      assert.ok(inUse.has(code), `${code} is not used anywhere`);
      assert.match(sentence, /^[A-Z].*\.$/);
    }
  });
});
