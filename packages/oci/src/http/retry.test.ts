import assert from 'node:assert/strict';
import { isPassing, pauseBefore, retryAfter } from './retry.js';

describe('retries', () => {
  it('are for what may be over a little later', () => {
    for (const status of [408, 429, 500, 502, 503, 504]) assert.ok(isPassing(status));
    for (const status of [200, 206, 307, 400, 401, 403, 404, 405, 413, 416, 501])
      assert.ok(!isPassing(status));
  });

  it('read Retry-After as seconds and as a date', () => {
    const now = Date.parse('Wed, 21 Oct 2015 07:28:00 GMT');
    assert.equal(retryAfter('3', now), 3000);
    assert.equal(retryAfter('Wed, 21 Oct 2015 07:28:07 GMT', now), 7000);
    assert.equal(retryAfter('Wed, 21 Oct 2015 07:00:00 GMT', now), 0);
    assert.equal(retryAfter('soon', now), undefined);
    assert.equal(retryAfter(undefined, now), undefined);
  });

  it('wait longer each time, with jitter, never over the limit', () => {
    const policy = { attempts: 9, base: 100, longest: 1000 };
    for (let attempt = 2; attempt < 10; attempt++) {
      const most = Math.min(1000, 100 * 2 ** (attempt - 2));
      for (let i = 0; i < 20; i++) {
        const pause = pauseBefore(attempt, policy, undefined);
        assert.ok(pause >= most / 2 && pause <= most, String(pause));
      }
    }
    assert.ok(pauseBefore(2, policy, 700) >= 700);
    assert.equal(pauseBefore(2, policy, 999_999), 1000);
  });
});
