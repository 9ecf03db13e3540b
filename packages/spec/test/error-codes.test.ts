import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { errorCodes } from '../src/errors/error-codes.js';
import { errorStatuses } from '../src/errors/error-statuses.js';
import { exitStatus } from '../src/errors/errors.js';

const packages = fileURLToPath(new URL('../../../', import.meta.url));
const tables = ['error-codes.ts', 'error-statuses.ts'];

/** The sources of all packages but for the tables of codes, by path. */
function sources(): Map<string, string> {
  const found = new Map<string, string>();
  for (const { name } of readdirSync(packages, { withFileTypes: true }).filter((each) =>
    each.isDirectory(),
  )) {
    for (const file of readdirSync(join(packages, name, 'src'), { recursive: true, encoding: 'utf8' })) {
      if (!file.endsWith('.ts') || file.endsWith('.test.ts') || tables.includes(file)) continue;
      const path = join(name, 'src', file);
      found.set(path, readFileSync(join(packages, path), 'utf8'));
    }
  }
  return found;
}

/** Error codes in the sources, with the files that use them. */
function codesInUse(): Map<string, string[]> {
  const users = new Map<string, string[]>();
  for (const [path, text] of sources()) {
    for (const [code] of text.matchAll(/\bBUNNY_E[A-Z0-9]+\b/g)) {
      users.set(code, [...(users.get(code) ?? []), path]);
    }
  }
  return users;
}

interface Made {
  /** `packages/file:line` */
  place: string;
  /** Where they are written out. */
  codes: string[];
  statuses: number[];
}

/** Every error that the sources make. */
function errorsMade(): Made[] {
  return [...sources()].flatMap(([path, text]) =>
    [...text.matchAll(/new (?:BunnyError|OciError)\(/g)].map(({ index }) => {
      // The formatter closes a call that goes on over lines in the column in which its line began.
      const line = text.lastIndexOf('\n', index) + 1;
      const indent = /^ */.exec(text.slice(line))?.[0] ?? '';
      const end = new RegExp(`\\);$|^${indent}[^ ]`, 'm').exec(text.slice(text.indexOf('\n', index)));
      const made = text.slice(index, text.indexOf('\n', index) + (end?.index ?? 0));
      const named = [...made.matchAll(/exitStatus: exitStatus\.(\w+)|exitStatus: (\d+)/g)];
      return {
        place: `${path}:${text.slice(0, index).split('\n').length}`,
        codes: [...made.matchAll(/'(BUNNY_E[A-Z0-9]+)'/g)].map(([, code = '']) => code),
        statuses: named.map(([, name, number]) =>
          name === undefined ? Number(number) : exitStatus[name as keyof typeof exitStatus],
        ),
      };
    }),
  );
}

describe('error codes', () => {
  it('all stand in the table', () => {
    const missing = [...codesInUse()]
      .filter(([code]) => !Object.hasOwn(errorCodes, code))
      .map(([code, files]) => `${code} (${[...new Set(files)].join(', ')})`)
      .sort();
    assert.deepEqual(missing, [], 'add these to packages/spec/src/errors/error-codes.ts');
  });

  it('are all used, and each says what it means in a sentence', () => {
    const inUse = codesInUse();
    for (const [code, sentence] of Object.entries(errorCodes)) {
      assert.ok(inUse.has(code), `${code} is not used anywhere`);
      assert.match(sentence, /^[A-Z].*\.$/);
    }
  });

  it('end a command with the statuses that the reference gives them', () => {
    const made = errorsMade();
    assert.ok(made.length > 150, 'the sources are not read as they are written');
    const documented: Readonly<Record<string, readonly number[]>> = errorStatuses;
    const others = made.flatMap(({ place, codes, statuses }) =>
      codes.flatMap((code) =>
        statuses
          .filter((status) => !documented[code]?.includes(status))
          .map((status) => `${place}: ${code} with ${status}`),
      ),
    );
    assert.deepEqual(
      others,
      [],
      'add these to packages/spec/src/errors/error-statuses.ts, or leave the status out',
    );
  });

  // Types hold that every error has both.
  it('come with a place and something to do that are not empty', () => {
    const empty = [...sources()].filter(([, text]) => /\b(?:where|hint): (?:''|""|``)/.test(text));
    assert.deepEqual(
      empty.map(([path]) => path),
      [],
    );
  });
});
