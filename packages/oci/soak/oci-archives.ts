import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { removeTree } from '../src/disk/remove-tree.js';
import { anyArchive, compareReaders } from '../test/archive-agreement.js';

/**
 * Archives that Bunny accepts hold the same for GNU tar and tar-stream.
 * `scripts/soak oci-archives [ARCHIVES] [SEED]`
 */
const [archives = '20000', seed = String(Date.now() % 2 ** 31)] = process.argv.slice(2);

const counts = { refused: 0, agreed: 0 };
await fc.assert(
  fc.asyncProperty(anyArchive, async (archive) => {
    const place = mkdtempSync(path.join(tmpdir(), 'bunny-agreement-'));
    try {
      counts[await compareReaders(archive, place)]++;
    } finally {
      await removeTree(place);
    }
  }),
  { numRuns: Number(archives), seed: Number(seed) },
);
console.log(
  `${archives} archives from seed ${seed}: ${counts.agreed} accepted by all alike, ${counts.refused} refused`,
);
