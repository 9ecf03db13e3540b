import type { ChildProcess } from 'node:child_process';
import { constants } from 'node:os';
import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { codeOf } from 'bunny-libos-oci';
import { BunnyError, exitStatus } from 'bunny-libos-spec';
import { type HostProcess, startHostProcess } from './host-process.js';
import { endProcessGroup, signalGroup } from './process-group.js';

export interface ProcessResult {
  /** Exit status, or 128 + the number of the signal that ended it, as in a shell. */
  status: number;
  stdout: string;
  stderr: string;
}

export interface RunProcessOptions {
  signal?: AbortSignal | undefined;
  /** Milliseconds. */
  timeout?: number | undefined;
  /** Called with each line as it comes, without its line break. */
  onLine?: ((line: string, stream: 'stdout' | 'stderr') => void) | undefined;
  /** The caller's own where left out. */
  environment?: HostProcess['environment'] | undefined;
  /** What it has on its descriptors 3, 4 and so on. */
  inputs?: HostProcess['inputs'] | undefined;
  /** Called with what it reports, in pieces. */
  onReport?: ((text: string) => void) | undefined;
  /** Called when it has started. */
  onStart?: ((pid: number) => void) | undefined;
  directory?: string | undefined;
  /**
   * Ends the process together with all that it has started and leaves them time to clean up, by a process group of
   * their own: without a terminal. Else it is killed alone.
   */
  group?: boolean | undefined;
  /** Its input is empty, and ends only when this process does; else it has none. */
  holdInput?: boolean | undefined;
  /** Ends what goes on when the process is killed: called then. */
  stop?: (() => Promise<unknown>) | undefined;
  /** The error to throw where there is no such program. */
  missing: () => BunnyError;
}

/** Characters of output that are kept; what comes after them is passed on only. */
const mostKept = 16 * 1024 * 1024;

/**
 * Runs a program without a shell, and with nothing to read.
 * Throws what `missing` gives, BunnyError BUNNY_ETIMEOUT, BUNNY_ECANCELLED.
 */
export async function runProcess(
  program: string,
  words: readonly string[],
  options: RunProcessOptions,
): Promise<ProcessResult> {
  if (options.signal?.aborted) throw cancelled(program);
  const { environment = process.env, inputs = [], directory, group, holdInput, onReport } = options;
  const child = startHostProcess(
    { program, words, environment, inputs },
    { input: holdInput ? 'pipe' : 'ignore', detached: group, directory, onReport },
  );
  if (child.pid !== undefined) options.onStart?.(child.pid);
  const watch = watchEnd(child, options);
  try {
    const [status, stdout, stderr] = await Promise.all([
      statusOf(child, options.missing),
      textOf(child.stdout, (line) => options.onLine?.(line, 'stdout')),
      textOf(child.stderr, (line) => options.onLine?.(line, 'stderr')),
    ]);
    watch.check(program);
    return { status, stdout, stderr };
  } catch (error) {
    // Output that was cut off is no failure of its own.
    watch.check(program);
    throw error;
  } finally {
    await watch.end();
  }
}

/**
 * Ends the process when its time is over or it is cancelled, and what it holds on to: children of its own are
 * waited for only where it has a group for them. `check` throws where that has happened.
 */
export function watchEnd(
  child: ChildProcess,
  {
    signal,
    timeout,
    group,
    stop: alsoStop,
  }: Pick<RunProcessOptions, 'signal' | 'timeout' | 'group' | 'stop'>,
): { check: (what: string) => void; end: () => Promise<unknown> } {
  let reason: 'timeout' | 'cancelled' | undefined;
  let stopping: Promise<unknown> | undefined;
  const exited = new Promise((resolve) => child.once('exit', resolve));
  const letGo = () => {
    child.stdout?.destroy();
    child.stderr?.destroy();
  };
  const groupId = group ? child.pid : undefined;
  // This process may not live to see the end: a second Ctrl-C does not wait.
  const killGroup = () => groupId !== undefined && signalGroup(groupId, 'SIGKILL');
  if (groupId !== undefined) process.once('exit', killGroup);
  const stop = (why: 'timeout' | 'cancelled') => {
    if (reason !== undefined) return;
    reason = why;
    if (groupId === undefined) {
      child.kill('SIGKILL');
      letGo();
      stopping = alsoStop?.();
    } else {
      // They may still say something while they clean up: without a reader that would end them.
      stopping = endProcessGroup(groupId).then(letGo).then(alsoStop);
    }
  };
  const abort = () => stop('cancelled');
  signal?.addEventListener('abort', abort, { once: true });
  const timer = timeout === undefined ? undefined : setTimeout(stop, timeout, 'timeout');
  return {
    check: (what) => {
      if (reason === 'cancelled') throw cancelled(what);
      if (reason === 'timeout') {
        throw new BunnyError('BUNNY_ETIMEOUT', `not finished after ${(timeout ?? 0) / 1000} s`, {
          where: what,
          hint: 'give it more time, or look at its last lines for what it waits for',
          exitStatus: exitStatus.unsatisfiable,
        });
      }
    },
    end: async () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
      process.off('exit', killGroup);
      if (reason !== undefined && child.pid !== undefined) await exited;
      await stopping;
    },
  };
}

function cancelled(what: string): BunnyError {
  return new BunnyError('BUNNY_ECANCELLED', 'cancelled', {
    where: what,
    hint: 'run it again: what was finished is kept',
    exitStatus: exitStatus.unsatisfiable,
  });
}

/** The exit status of a process once its output is read, 128 + n after signal n. */
export function statusOf(child: ChildProcess, missing: () => BunnyError): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('error', (error) => reject(codeOf(error) === 'ENOENT' ? missing() : error));
    child.once('close', (code, signal) =>
      resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])),
    );
  });
}

async function textOf(stream: Readable, onLine: (line: string) => void): Promise<string> {
  const decoder = new StringDecoder('utf8');
  let kept = '';
  // Of a line that has not ended. Put together once: it may be as long as somebody likes.
  let pieces: string[] = [];
  let length = 0;
  for await (const chunk of stream) {
    const text = decoder.write(chunk as Buffer);
    if (kept.length < mostKept) kept += text;
    pieces.push(text);
    length += text.length;
    if (!text.includes('\n') && length <= mostKept) continue;
    const lines = pieces.join('').split('\n');
    let rest = lines.pop() ?? '';
    for (const line of lines) onLine(line);
    if (rest.length > mostKept) {
      onLine(rest);
      rest = '';
    }
    pieces = [rest];
    length = rest.length;
  }
  const rest = pieces.join('');
  if (rest !== '') onLine(rest);
  return kept + decoder.end();
}
