import assert from 'node:assert/strict';
import { hasUser } from './user.js';

describe('the users of a namespace', () => {
  it('are those of its map', () => {
    const rootless = '         0       1000          1\n         1     100000      65536\n';
    assert.deepEqual(
      [0, 1, 65_521, 65_536, 65_537].map((id) => hasUser(rootless, id)),
      [true, true, true, true, false],
    );
    assert.equal(hasUser('         0          0 4294967295\n', 65_521), true);
    assert.equal(hasUser('         0          0          1\n', 65_521), false);
    assert.equal(hasUser('', 65_521), false);
  });
});
