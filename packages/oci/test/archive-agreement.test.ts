import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { removeTree } from '../src/index.js';
import { anyArchive, compareReaders } from './archive-agreement.js';

/** Archives that the suite tries; `scripts/soak oci-archives` tries more, from another seed. */
const runs = 400;

describe('archives that are accepted', function () {
  this.timeout(60_000);
  let scratch: string;
  before(() => {
    scratch = mkdtempSync(path.join(tmpdir(), 'bunny-agreement-'));
  });
  after(() => removeTree(scratch));

  it('hold the same for GNU tar and for tar-stream', async () => {
    const counts = { refused: 0, agreed: 0 };
    await fc.assert(
      fc.asyncProperty(anyArchive, async (archive) => {
        const place = mkdtempSync(path.join(scratch, 'run-'));
        try {
          counts[await compareReaders(archive, place)]++;
        } finally {
          await removeTree(place);
        }
      }),
      { numRuns: runs, seed: 11 },
    );
    assert.ok(counts.agreed > runs / 5, `only ${counts.agreed} were accepted`);
    assert.ok(counts.refused > runs / 5, `only ${counts.refused} were refused`);
  });
});
