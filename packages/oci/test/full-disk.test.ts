import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const worker = fileURLToPath(new URL('./full-disk-worker.js', import.meta.url));

describe('a disk that is full', function () {
  this.timeout(60_000);

  it('ends in a clear error and leaves nothing half-written, wherever it is met', () => {
    const disk = mkdtempSync(path.join(tmpdir(), 'bunny-full-'));
    // A file system of 2 MB, seen by that process only.
    const sandbox = [
      '--ro-bind',
      '/',
      '/',
      '--dev',
      '/dev',
      '--proc',
      '/proc',
      '--size',
      '2000000',
      '--tmpfs',
      disk,
    ];
    const output = execFileSync('bwrap', [...sandbox, process.execPath, worker, disk], { encoding: 'utf8' });
    rmdirSync(disk);
    assert.deepEqual(JSON.parse(output), {
      'large blob': 'BUNNY_ENOSPACE',
      unpacking: 'BUNNY_ENOSPACE',
      layout: 'BUNNY_ENOSPACE',
      packing: 'BUNNY_ENOSPACE',
      'small blobs': 'BUNNY_ENOSPACE',
      ingest: [],
      trees: [],
      packed: [],
      corrupt: [],
    });
  });
});
