import assert from 'node:assert/strict';
import { parseDependencies } from './dependency-listing.js';
import { sizeLimits } from './size-limits.js';

const listing = (output: string, files: readonly string[]) =>
  [`${output}: #deps ${files.length}, deps mtime 1 (VALID)`, ...files.map((file) => `    ${file}`), ''].join(
    '\n',
  );

describe('the listing of dependencies', () => {
  it('names the files of each output', () => {
    assert.deepEqual(
      [...parseDependencies(listing('a.o', ['x.h', 'y.h']) + listing('b.o', ['x.h']))],
      [
        ['a.o', ['x.h', 'y.h']],
        ['b.o', ['x.h']],
      ],
    );
  });

  it('names no more files than any project has: what runs in the sandbox writes it', () => {
    const files = Array.from({ length: sizeLimits.filesRead }, (_, n) => `${n}.h`);
    const read = parseDependencies(listing('a.o', files) + listing('b.o', files));
    assert.equal(read.get('b.o')?.length, files.length);
    assert.throws(() => parseDependencies(listing('a.o', [...files, 'one-more.h'])), {
      code: 'BUNNY_ELIMIT',
    });
  });
});
