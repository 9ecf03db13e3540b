import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { runDirectory } from '../files/temporary.js';
import { repositoryFile } from '../repository.js';

/** `npm run coverage` counts what commands run as well, which it can in the files that they were packed from. */
const isCounted = process.env.BUNNY_TEST_COMMAND === 'sources';

/** The command as it is packed. */
export const mainFile = repositoryFile(
  isCounted ? 'packages/cli/dist/src/main.js' : 'packages/cli/bundle/bunny.cjs',
);

/** What a finished run of the command left behind. */
export interface Finished {
  /** Exit status, 128 + n after signal n. */
  status: number;
  stdout: string;
  stderr: string;
}

export interface BunnyOptions {
  /** Working directory; an empty one where left out. */
  cwd?: string;
  /** The store of layers, BUNNY_CACHE. Left out where the command needs none: it must then not touch one. */
  store?: string;
  /** Further environment. `undefined` takes a variable out. */
  env?: Readonly<Record<string, string | undefined>>;
  /** What it reads on standard input; nothing where left out. */
  input?: string;
  /** A program to run the command with, such as `['prlimit', '--fsize=1000', '--']`. */
  through?: readonly string[];
  /** Another bunny: its program and first arguments. This checkout's where left out. */
  command?: readonly string[];
}

/**
 * Runs `bunny` as a process of its own, to its end, in an environment that holds nothing of the machine's:
 * no registry, no cache, no credentials, no proxy, no colour. Never throws because of its exit status.
 */
export async function bunny(words: readonly string[], options: BunnyOptions = {}): Promise<Finished> {
  return await startBunny(words, options).finished;
}

/** The same, and requires that it succeeds; fails with what it said otherwise. */
export async function bunnyDone(words: readonly string[], options: BunnyOptions = {}): Promise<Finished> {
  const result = await bunny(words, options);
  if (result.status === 0) return result;
  throw new Error(
    `bunny ${words.join(' ')} ended with status ${result.status}\n${result.stdout}${result.stderr}`,
  );
}

/** Runs it with `--json`, requires success, and gives its document. */
export async function bunnyJson<Document>(
  words: readonly string[],
  options: BunnyOptions = {},
): Promise<Document> {
  const { stdout } = await bunnyDone([...words, '--json'], options);
  return JSON.parse(stdout) as Document;
}

/** An error as `--json` prints it. */
export interface ReportedError {
  code: string;
  message: string;
  where?: string | { file: string; line?: number; column?: number };
  details: string[];
  hint?: string;
}

/** Runs it with `--json`, requires that it fails with one JSON document on stdout, and gives that error. */
export async function bunnyError(
  words: readonly string[],
  options: BunnyOptions = {},
): Promise<ReportedError & { status: number; stderr: string }> {
  const { status, stdout, stderr } = await bunny([...words, '--json'], options);
  if (status === 0) throw new Error(`bunny ${words.join(' ')} succeeded\n${stdout}${stderr}`);
  const { error } = JSON.parse(stdout) as { error: ReportedError };
  return { ...error, status, stderr };
}

/** Starts it and leaves it running: for tests that send it signals. */
export function startBunny(
  words: readonly string[],
  { cwd, store, env, input, through = [], command = [process.execPath, mainFile] }: BunnyOptions = {},
): { child: ChildProcess; finished: Promise<Finished> } {
  const [program = '', ...rest] = [...through, ...command, ...words];
  const child = spawn(program, rest, {
    cwd: cwd ?? emptyDirectory(),
    stdio: ['pipe', 'pipe', 'pipe'],
    env: isolated({ ...env, BUNNY_CACHE: store }),
  });
  // Whoever does not read its input breaks the pipe, and may.
  child.stdin.on('error', () => undefined).end(input ?? '');
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output.stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output.stderr += text;
  });
  const finished = new Promise<Finished>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) =>
      resolve({ status: code ?? 128 + (signal === null ? 0 : constants.signals[signal]), ...output }),
    );
  });
  return { child, finished };
}

/** A working directory in which a command finds nothing. */
function emptyDirectory(): string {
  const directory = join(runDirectory, 'empty');
  mkdirSync(directory, { recursive: true });
  return directory;
}

/** Nothing of the caller's environment but where programs, temporary files and the tests' home are. */
function isolated(more: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const { PATH, TMPDIR, HOME, NODE_V8_COVERAGE } = process.env;
  const coverage = isCounted ? { NODE_V8_COVERAGE } : {};
  const all = { PATH, TMPDIR, HOME, LANG: 'C.UTF-8', TZ: 'UTC', ...coverage, ...more };
  return Object.fromEntries(
    Object.entries(all).filter((each): each is [string, string] => each[1] !== undefined),
  );
}
