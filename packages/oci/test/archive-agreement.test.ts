import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { linkSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { packArchive } from '../src/archive/pack.js';
import { unpackArchive } from '../src/archive/unpack.js';
import { removeTree } from '../src/disk/remove-tree.js';
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

  it('are those that we pack, and those that GNU tar makes in each of its formats', async () => {
    const long = `${'d'.repeat(90)}/${'e'.repeat(90)}/${'f'.repeat(90)}`;
    const entries = [
      { path: 'empty' },
      { path: 'd/größe.h', content: 'x' },
      { path: `${'ä'.repeat(60)}/${'n'.repeat(99)}`, content: 'long' },
      { path: long, content: Buffer.alloc(512, 1) },
      { path: 'link', linkname: 'x'.repeat(150) },
    ];
    const place = () => mkdtempSync(path.join(scratch, 'run-'));
    const { bytes } = await packArchive(entries);
    assert.equal(await compareReaders(gunzipSync(bytes), place()), 'agreed');

    const source = place();
    await unpackArchive(pieceOf(bytes), path.join(source, 'tree'));
    linkSync(path.join(source, 'tree/d/größe.h'), path.join(source, 'tree/hard'));
    for (const format of ['v7', 'oldgnu', 'gnu', 'ustar', 'pax']) {
      // The older two have no room for long names.
      const left =
        format === 'v7' || format === 'ustar' ? ['--exclude=ddd*', '--exclude=link', '--exclude=ä*'] : [];
      const archive = execFileSync('tar', [`--format=${format}`, ...left, '-C', source, '-cf', '-', 'tree']);
      assert.equal(await compareReaders(archive, place()), 'agreed', format);
    }
  });
});

async function* pieceOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
