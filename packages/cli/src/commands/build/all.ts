import { cpus } from 'node:os';
import { type BuildRequest, type BuildResult, build } from 'bunny-libos-builder';
import { Pool } from 'bunny-libos-oci';
import { buildRequest, type Project, requireRoomForImages } from 'bunny-libos-project';
import { targetLabel } from 'bunny-libos-resolver';
import { BunnyError, exitStatus, type LockedTarget, shellLine } from 'bunny-libos-spec';
import { count } from '../../terminal/quantities.js';
import type { Transfers } from '../../terminal/transfers.js';
import { builtDocument, builtText, imagesIn } from './built.js';
import type { Context } from './command.js';
import { deliver } from './deliver.js';
import { askedDestinations } from './images.js';
import { builderOptions, lockFor } from './lock.js';

/** What became of one build. */
interface Outcome {
  target: LockedTarget;
  result?: BuildResult | undefined;
  error?: unknown;
}

/** `bunny build --all`: builds every target, several at a time. One that fails keeps no other from being built. */
export async function run(project: Project, context: Context, fetched: Transfers): Promise<number> {
  const { flags, terminal } = context;
  const destinations = askedDestinations(flags);
  const { locked, targets } = await lockFor(project, context);
  for (const destination of destinations) requireRoomForImages(destination, targets.length);
  const options = await builderOptions(project, context, undefined);
  const { jobs = cpus().length } = flags;
  const together = Math.min(targets.length, jobs);
  const pool = new Pool(together);
  const share = Math.max(1, Math.floor(jobs / together));
  const doing = new Map<string, string>();
  const buildOne = async (target: LockedTarget): Promise<Outcome> => {
    const label = targetLabel(target);
    const said: string[] = [];
    const say = (text: string) => {
      doing.set(label, text);
      terminal.progress(() => [...doing].map(([each, what]) => `${each}  ${what}`));
    };
    const onProgress: BuildRequest['onProgress'] = (progress) => {
      if (progress.kind === 'fetch') return;
      if (progress.kind === 'warning') return terminal.warn(`${label}: ${progress.text}`);
      if (progress.kind === 'step') {
        say(`${progress.done}/${progress.total}  ${progress.description}`);
        if (flags.verbose) said.push(shellLine(progress.command));
      }
      for (const line of progress.output) said.push(line);
    };
    const outcome: Outcome = { target };
    try {
      say('0');
      outcome.result = await build(buildRequest(locked, target, { ...options, jobs: share, onProgress }));
    } catch (error) {
      outcome.error = error;
    }
    doing.delete(label);
    // Each says all that it has to say when it is done, not line by line among those of others.
    for (const line of said) terminal.error(`${label}: ${line}`);
    if (outcome.result !== undefined) terminal.done('Built', builtText(project, outcome.result, target));
    return outcome;
  };
  const outcomes = await Promise.all(targets.map((target) => pool.run(() => buildOne(target))));
  terminal.clear();
  fetched.report('Fetched');
  const failed = outcomes.filter(({ error }) => error !== undefined);
  if (failed.length > 0) throw failure(failed, targets.length);
  const results = outcomes.flatMap(({ target, result }) =>
    result === undefined ? [] : [{ target, result }],
  );
  const images = results.flatMap(({ result }) => imagesIn(result));
  const named = await deliver(project, context, images, destinations);
  terminal.result({
    built: results.map(({ target, result }) => builtDocument(result, target)),
    images: images.length === 0 ? undefined : named,
  });
  return exitStatus.done;
}

/** The error of the first build that failed, with what the others say. */
function failure(failed: readonly Outcome[], all: number): unknown {
  const [first, ...others] = failed;
  if (first === undefined || !(first.error instanceof BunnyError)) return first?.error;
  const { code, message, where, details, hint, exitStatus: status } = first.error;
  const also = others.map(({ target, error }) => {
    const text = error instanceof Error ? error.message : String(error);
    return `${targetLabel(target)}: ${text}`;
  });
  const sum = `${count(failed.length, 'target')} of ${all} could not be built`;
  return new BunnyError(code, `${targetLabel(first.target)}: ${message}`, {
    where,
    details: [...details, ...also, ...(all === 1 ? [] : [sum])],
    hint,
    exitStatus: status,
    cause: first.error,
  });
}
