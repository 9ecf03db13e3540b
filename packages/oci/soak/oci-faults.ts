import { FaultCampaign } from '../test/fault-campaign.js';

/**
 * The campaign of faults in full: publish, resolve and pull through a proxy that spoils what passes.
 * `scripts/soak oci-faults [SEEDS] [FIRST SEED]`
 */
const [seeds = '500', first = '1'] = process.argv.slice(2);

function bump(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function print(title: string, counts: Map<string, number>): void {
  console.log(`\n| ${title} | times |\n|---|---|`);
  for (const [key, count] of [...counts].sort((a, b) => b[1] - a[1])) console.log(`| ${key} | ${count} |`);
}

const campaign = await new FaultCampaign().start();
const outcomes = new Map<string, number>();
const injected = new Map<string, number>();
let longest = 0;
const end = Number(first) + Number(seeds);
for (let seed = Number(first); seed < end; seed++) {
  const result = await campaign.run(seed).catch((error: unknown) => {
    console.error(`seed ${seed} failed:`, error);
    process.exit(1);
  });
  bump(outcomes, result.code ?? 'everything arrived');
  for (const fault of result.injected) bump(injected, fault);
  longest = Math.max(longest, result.milliseconds);
}
await campaign.stop();
console.log(
  `${seeds} seeds from ${first}: no wrong byte in a store, no credential on another host, no connection off loopback; ` +
    `the longest took ${Math.round(longest)} ms`,
);
print('outcome', outcomes);
print('fault', injected);
