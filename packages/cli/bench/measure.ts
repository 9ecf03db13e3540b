import { spawnSync } from 'node:child_process';

/** A command, timed as a whole process. */
export interface Contender {
  name: string;
  command: readonly string[];
  /** Brings things to the same state before every run; not timed. */
  before?: (run: number) => void;
}

export interface Times {
  name: string;
  /** Milliseconds, sorted. */
  runs: readonly number[];
}

/**
 * Times contenders in turn (A B A B …), so that a machine whose speed drifts is unfair to none. The first
 * round warms up and is not counted. Throws where a command fails: a failure is not a fast run.
 */
export function race(contenders: readonly Contender[], rounds: number): Times[] {
  const runs = contenders.map((): number[] => []);
  for (let round = 0; round <= rounds; round++) {
    contenders.forEach((contender, index) => {
      contender.before?.(round);
      const milliseconds = time(contender);
      if (round > 0) runs[index]?.push(milliseconds);
    });
  }
  return contenders.map(({ name }, index) => ({
    name,
    runs: (runs[index] ?? []).sort((left, right) => left - right),
  }));
}

/** Node parses the certificates that this names at every start, which would cover what is measured here. */
const { NODE_EXTRA_CA_CERTS: _, ...environment } = process.env;

function time({ name, command }: Contender): number {
  const [program = '', ...words] = command;
  const start = process.hrtime.bigint();
  const { status, stderr, error } = spawnSync(program, words, {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: environment,
  });
  const end = process.hrtime.bigint();
  if (status !== 0) throw new Error(`${name} failed: ${error?.message ?? stderr.toString()}`);
  return Number(end - start) / 1e6;
}

export function median({ runs }: Times): number {
  const middle = runs.length >> 1;
  const upper = runs[middle] ?? Number.NaN;
  return runs.length % 2 === 1 ? upper : ((runs[middle - 1] ?? upper) + upper) / 2;
}

/** A table of medians; the ratio is to the first of them. */
export function report(title: string, times: readonly Times[]): string {
  const [first] = times;
  const base = first === undefined ? Number.NaN : median(first);
  const width = Math.max(...times.map(({ name }) => name.length));
  const lines = times.map((each) => {
    const [least = Number.NaN] = each.runs;
    const most = each.runs.at(-1) ?? Number.NaN;
    return (
      `  ${each.name.padEnd(width)}  ${median(each).toFixed(0).padStart(6)} ms` +
      `  (${least.toFixed(0)} to ${most.toFixed(0)}, ${each.runs.length} runs)` +
      `  ${(median(each) / base).toFixed(2)}x`
    );
  });
  return [title, ...lines].join('\n');
}
