import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import {
  closeSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HeldDirectory, HeldFile } from 'bunny-libos-oci';
import { StagedFiles } from './staged-files.js';

describe('a copy of a file', () => {
  let directory: string;
  before(() => {
    directory = mkdtempSync(join(tmpdir(), 'bunny-staged-'));
  });
  after(() => rmSync(directory, { recursive: true }));

  for (const [what, size] of [
    ['ends with a hole', 48 << 20],
    ['ends in the middle of one', (48 << 20) - 12345],
    ['is empty', 0],
  ] as const) {
    it(`has the holes of the file, which ${what}, and its bytes`, async () => {
      const [from, to] = [join(directory, 'from'), join(directory, 'to')];
      const descriptor = openSync(from, 'w');
      if (size > 0) for (const at of [0, 70_000, 20 << 20]) writeSync(descriptor, 'bytes', at);
      closeSync(descriptor);
      truncateSync(from, size);
      const held = HeldDirectory.open(directory);
      const file = new HeldFile(from, from, { limit: size });
      try {
        const staged = new StagedFiles(held, { image: 'to' });
        const digest = await staged.copy('image', file);
        await staged.commit();
        const bytes = readFileSync(to);
        assert.equal(digest, `sha256:${createHash('sha256').update(bytes).digest('hex')}`);
        assert.ok(bytes.equals(readFileSync(from)));
        assert.ok(statSync(to).blocks * 512 <= 4 << 16, `${statSync(to).blocks} blocks`);
      } finally {
        file.close();
        held.close();
      }
    });
  }
});
