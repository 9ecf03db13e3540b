import assert from 'node:assert/strict';
import { FaultCampaign } from './fault-campaign.js';

/** Seeds that the suite runs; `scripts/soak` runs 500. One more comes from the clock and is printed. */
const fixed = 30;

describe('under fault', function () {
  this.timeout(60_000);
  let campaign: FaultCampaign;
  before(async () => {
    campaign = await new FaultCampaign().start();
  });
  after(() => campaign.stop());

  it('either the right bytes arrive or a clear error does', async () => {
    const fresh = Math.floor(Math.random() * 2 ** 31);
    let arrived = 0;
    for (const seed of [...Array.from({ length: fixed }, (_, i) => i + 1), fresh]) {
      try {
        const result = await campaign.run(seed);
        if (result.code === undefined) arrived++;
      } catch (error) {
        throw new Error(`seed ${seed}: ${(error as Error).message}`, { cause: error });
      }
    }
    // Retries carry most seeds through; without them hardly any would get there.
    assert.ok(arrived > fixed / 5, `only ${arrived} of ${fixed + 1} seeds arrived`);
  });
});
