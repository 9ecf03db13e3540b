import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Judges } from 'bunny-libos-testing/judges/debian.js';

/** Everything that a bench writes is below this. */
export const scratch = mkdtempSync(path.join(tmpdir(), 'bunny-bench-'));
const judges = new Judges(scratch);

export interface Contender {
  name: string;
  /** Milliseconds. */
  run: () => Promise<number>;
}

/** Node parses the certificates that this names at every start, which would cover what is measured here. */
const { NODE_EXTRA_CA_CERTS: _, ...environment } = process.env;

/** Runs a command; milliseconds. */
export function timed(command: string, ...args: string[]): Promise<number> {
  const started = performance.now();
  return new Promise((resolve, reject) => {
    execFile(command, args, { maxBuffer: 1 << 26, env: environment }, (error, _, errors) => {
      if (error === null) resolve(performance.now() - started);
      else reject(new Error(`${args.join(' ').slice(0, 300)}: ${errors.slice(0, 2000)}`));
    });
  });
}

/** A shell command among the judges; one sandbox for all of it. */
export function judged(script: string): Promise<number> {
  return timed(...judges.command(['/bin/sh', '-ec', script]));
}

const median = (values: number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

/**
 * Runs the contenders in turn, so that what else the machine does hits all of them, and prints one table. What one
 * has left to be written to disk is written before the next begins, who may wait for the disk where the others do not.
 */
export async function compare(title: string, contenders: Contender[], times: number): Promise<void> {
  const results = contenders.map(() => [] as number[]);
  for (let round = 0; round < times; round++) {
    for (const [i, contender] of contenders.entries()) {
      execFileSync('sync');
      results[i]?.push(await contender.run());
    }
  }
  const ours = median(results[0] ?? []);
  console.log(`\n## ${title}\n\n| | median | spread | of ours |\n|---|---|---|---|`);
  for (const [i, { name }] of contenders.entries()) {
    const all = results[i] ?? [];
    const spread = `${Math.min(...all).toFixed(0)}–${Math.max(...all).toFixed(0)}`;
    console.log(
      `| ${name} | ${median(all).toFixed(0)} ms | ${spread} | ${(median(all) / ours).toFixed(2)} |`,
    );
  }
}

let counter = 0;
/** A path that nothing has been at before: every cache is cold. */
export const fresh = (name: string): string => path.join(scratch, `${name}-${counter++}`);
