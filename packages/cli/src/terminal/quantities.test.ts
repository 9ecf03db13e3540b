import assert from 'node:assert/strict';
import { parseSize } from 'bunny-libos-spec';
import { parseAge } from './quantities.js';

describe('quantities on the command line', () => {
  it('are ages', () => {
    assert.equal(parseAge('90m'), 5_400_000);
    assert.equal(parseAge('12h'), 43_200_000);
    assert.equal(parseAge('1.5d'), 129_600_000);
    assert.equal(parseAge('2w'), 1_209_600_000);
    assert.equal(parseAge('0d'), 0);
    for (const text of ['', '5', 'd', '-1d', '1y', '1d2h', '1e3d'])
      assert.equal(parseAge(text), undefined, text);
  });

  it('are sizes, in powers of 1000 unless they say otherwise', () => {
    assert.equal(parseSize('1000'), 1000);
    assert.equal(parseSize('500MB'), 500_000_000);
    assert.equal(parseSize('2g'), 2_000_000_000);
    assert.equal(parseSize('1.5 GiB'), 1_610_612_736);
    assert.equal(parseSize('0'), 0);
    for (const text of ['', 'MB', '-1', '1 XB', '1IB', '1..2G'])
      assert.equal(parseSize(text), undefined, text);
  });
});
