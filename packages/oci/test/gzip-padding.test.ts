import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { rawTar } from 'bunny-libos-testing/hostile/archives.js';
import { packArchive } from '../src/archive/pack.js';
import { unpackArchive } from '../src/archive/unpack.js';
import { removeTree } from '../src/disk/remove-tree.js';

async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield Buffer.from(bytes.subarray(at, at + size));
}

describe('what follows the compressed data of an archive', () => {
  let scratch: string;
  let count = 0;
  before(() => {
    scratch = mkdtempSync(path.join(tmpdir(), 'bunny-padding-'));
  });
  after(() => removeTree(scratch));

  const zeros = Buffer.alloc(300_000);
  const stored = gzipSync(rawTar([{ path: 'a', content: zeros }]), { level: 0 });
  const small = gzipSync(rawTar([{ path: 'a' }]));
  const archives: Record<string, Buffer> = {
    nothing: small,
    'one NUL': Buffer.concat([small, Buffer.alloc(1)]),
    'a record of NULs': Buffer.concat([small, Buffer.alloc(10_240)]),
    'a megabyte of NULs': Buffer.concat([small, Buffer.alloc(1 << 20)]),
    'NULs after content of NULs': Buffer.concat([stored, zeros]),
    'a member of nothing': Buffer.concat([small, gzipSync('')]),
    'a member of nothing, and NULs': Buffer.concat([small, gzipSync(''), zeros]),
    garbage: Buffer.concat([small, Buffer.from('x')]),
    'NULs and garbage': Buffer.concat([small, Buffer.alloc(700), Buffer.from('x')]),
    'NULs and a member': Buffer.concat([small, Buffer.alloc(700), small]),
    'half a header': Buffer.concat([small, Buffer.from([0x1f])]),
    'half a member': Buffer.concat([small, small.subarray(0, 15)]),
    'a cut': small.subarray(0, -1),
    'a cut, and NULs': Buffer.concat([small.subarray(0, -6), zeros]),
  };

  for (const [name, archive] of Object.entries(archives)) {
    it(`is taken as gzip takes it, in pieces of any size: ${name}`, async () => {
      const isSound = spawnSync('gzip', ['-t'], { input: archive }).status === 0;
      for (const size of [1, 7, small.length, 4096, archive.length]) {
        if (archive.length / size > 20_000) continue;
        const directory = path.join(scratch, String(count++));
        const unpacking = unpackArchive(pieces(archive, size), directory);
        if (isSound) {
          await unpacking;
          assert.deepEqual(readdirSync(directory), ['a']);
        } else await assert.rejects(unpacking, { code: 'BUNNY_EARCHIVE' }, `in pieces of ${size}`);
      }
    });
  }

  it('may be NULs in what we pack ourselves, and nothing hides there', async () => {
    const { bytes } = await packArchive([{ path: 'zeros', content: zeros }, { path: 'empty' }]);
    await unpackArchive(pieces(Buffer.concat([bytes, zeros]), 1000), path.join(scratch, String(count++)));
  });
});
