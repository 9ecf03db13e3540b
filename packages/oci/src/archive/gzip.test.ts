import assert from 'node:assert/strict';
import { gunzipSync } from 'node:zlib';
import { digestOf } from '../content/digest.js';
import { DeterministicGzip, memberSize } from './gzip.js';

function compress(pieces: Uint8Array[]): Buffer {
  const out: Uint8Array[] = [];
  const gzip = new DeterministicGzip((bytes) => out.push(bytes));
  for (const piece of pieces) gzip.push(piece);
  gzip.end();
  return Buffer.concat(out);
}

describe('deterministic gzip', () => {
  const text = Buffer.from('a bunny digs where the ground is soft. '.repeat(80_000));

  it('is the same bytes whatever the pieces, and unpacks with zlib', () => {
    const whole = compress([text]);
    const cut: Uint8Array[] = [];
    for (let at = 0; at < text.length; at += 77_777) cut.push(text.subarray(at, at + 77_777));
    assert.ok(text.length > 2 * memberSize);
    assert.equal(digestOf(compress(cut)), digestOf(whole));
    assert.deepEqual(gunzipSync(whole), text);
  });

  it('has bytes that no version of Node or this code may change', () => {
    assert.equal(
      digestOf(compress([text])),
      'sha256:4217fb2f9767742a7334c3cec03bec3d67f806c0a3b818dd5110c48bbba53abc',
    );
    assert.equal(compress([]).toString('hex'), '1f8b080000000000000303000000000000000000');
  });
});
