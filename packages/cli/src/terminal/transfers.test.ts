import assert from 'node:assert/strict';
import type { Terminal } from './terminal.js';
import { Transfers } from './transfers.js';

describe('the view of transfers', () => {
  let now: number;
  let said: string[];
  let drawn: (() => readonly string[])[];
  let transfers: Transfers;

  beforeEach(() => {
    now = 1000;
    said = [];
    drawn = [];
    const terminal = {
      moving: true,
      progress: (lines: () => readonly string[]) => drawn.push(lines),
      done: (verb: string, rest: string) => said.push(`${verb} ${rest}`),
    } as unknown as Terminal;
    transfers = new Transfers(terminal, () => now);
  });

  it('has a line for each with bytes, rate and what is left', () => {
    const libc = transfers.begin({ size: 20_000_000 }, 'localhost:5000/libos/warren/libc');
    transfers.begin({ size: 700 }, 'oci:registry:warren/main');
    now = 3000;
    libc.moved(5_000_000);
    assert.deepEqual(transfers.lines(now), [
      'warren/libc  5.0 MB of 20.0 MB  2.5 MB/s  6.0 s left',
      'warren/main       0 B of 700 B',
    ]);
    assert.deepEqual(drawn.at(-1)?.(), transfers.lines(now));
  });

  it('counts those that do not fit', () => {
    for (let i = 0; i < 8; i++) transfers.begin({ size: 10 }, `oci:r:f/c${i}`);
    const lines = transfers.lines(now);
    assert.equal(lines.length, 6);
    assert.equal(lines.at(-1), 'and 3 more transfers');
  });

  it('shows none that has ended, and sums them up', () => {
    assert.equal(transfers.summary(), undefined);
    const first = transfers.begin({ size: 1_500_000 }, 'oci:r:f/a');
    first.moved(1_500_000);
    now = 1500;
    const second = transfers.begin({ size: 10 }, 'oci:r:f/b');
    const empty = transfers.begin({ size: 10 }, 'oci:r:f/c');
    second.moved(10);
    first.end();
    second.end();
    now = 2200;
    empty.end();
    empty.end();
    assert.deepEqual(transfers.lines(now), []);
    transfers.report('Fetched');
    assert.deepEqual(said, ['Fetched 2 blobs (1.5 MB) in 1.20 s']);
  });
});
