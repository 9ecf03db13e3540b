import { type ChildProcessByStdio, type IOType, spawn } from 'node:child_process';
import type { Duplex, Readable, Writable } from 'node:stream';

/** A process of this machine that runs a command in a sandbox. */
export interface HostProcess {
  program: string;
  words: readonly string[];
  /** All of its environment. */
  environment: NodeJS.ProcessEnv;
  /**
   * What it has on its descriptors 3, 4 and so on: bytes to read, an open file of this process, or what it reports on.
   */
  inputs?: readonly (Uint8Array | number | 'report')[] | undefined;
}

export interface StartOptions {
  /** What it reads; nothing where left out. */
  input?: 'ignore' | 'inherit' | 'pipe' | undefined;
  /** In a process group of its own. */
  detached?: boolean | undefined;
  /** Working directory. */
  directory?: string | undefined;
  /** Called with what it reports, in pieces. */
  onReport?: ((text: string) => void) | undefined;
}

/** Starts it, with its output on pipes. */
export function startHostProcess(
  { program, words, environment, inputs = [] }: HostProcess,
  { input = 'ignore', detached = false, directory, onReport }: StartOptions = {},
): ChildProcessByStdio<Writable | null, Readable, Readable> {
  const further = inputs.map((each): IOType | number => (typeof each === 'number' ? each : 'pipe'));
  const child = spawn(program, words, {
    stdio: [input, 'pipe', 'pipe', ...further],
    env: environment,
    detached,
    cwd: directory,
  }) as ChildProcessByStdio<Writable | null, Readable, Readable>;
  for (const [index, bytes] of inputs.entries()) {
    const stream = (child.stdio as readonly unknown[])[index + 3] as Duplex | null | undefined;
    if (typeof bytes === 'number' || !stream) continue;
    if (bytes === 'report') {
      stream.on('error', () => undefined).on('data', (piece: Buffer) => onReport?.(piece.toString()));
      continue;
    }
    // One that ends without reading says why, or does by its status.
    stream.on('error', () => undefined).end(bytes);
  }
  return child;
}
