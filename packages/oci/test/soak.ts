import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { removeTree } from '../src/index.js';
import { startDockerRegistry } from './docker-registry.js';
import { FaultCampaign } from './fault-campaign.js';
import { runKillCampaign } from './kill-campaign.js';

/** The long form of the campaigns in the suite. Called by `scripts/soak`: `node soak.js [faults|kills] [runs] [first seed]`. */
const [campaign = 'faults', runs = '500', first = '1'] = process.argv.slice(2);

async function soakFaults(count: number, seed: number): Promise<void> {
  const running = await new FaultCampaign().start();
  const outcomes = new Map<string, number>();
  const injected = new Map<string, number>();
  let longest = 0;
  for (let i = seed; i < seed + count; i++) {
    const result = await running.run(i).catch((error: unknown) => {
      console.error(`seed ${i} failed:`, error);
      process.exit(1);
    });
    bump(outcomes, result.code ?? 'everything arrived');
    for (const fault of result.injected) bump(injected, fault);
    longest = Math.max(longest, result.milliseconds);
  }
  await running.stop();
  console.log(
    `${count} seeds from ${seed}: no wrong byte, no credential elsewhere, no hang; the longest took ${Math.round(longest)} ms`,
  );
  print('outcome', outcomes);
  print('fault', injected);
}

async function soakKills(count: number, seed: number): Promise<void> {
  const scratch = mkdtempSync(path.join(tmpdir(), 'bunny-soak-'));
  const registry = await startDockerRegistry();
  try {
    const half = Math.ceil(count / 2);
    for (const [name, reference] of [
      ['image layout', `oci:${scratch}/layout:app`],
      ['docker-registry', `${registry.host}/app`],
    ] as const) {
      const { kills, acknowledged } = await runKillCampaign(reference, path.join(scratch, name), half, seed);
      console.log(
        `${name}: ${kills} kills, all of ${acknowledged} acknowledged artifacts are there, the store is clean`,
      );
    }
  } finally {
    await registry.remove();
    await removeTree(scratch);
  }
}

function bump(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function print(title: string, counts: Map<string, number>): void {
  console.log(`\n| ${title} | times |\n|---|---|`);
  for (const [key, count] of [...counts].sort((a, b) => b[1] - a[1])) console.log(`| ${key} | ${count} |`);
}

if (campaign === 'faults') await soakFaults(Number(runs), Number(first));
else await soakKills(Number(runs), Number(first));
