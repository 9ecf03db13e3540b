import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { temporaryDirectory } from '../files/temporary.js';
import { Judges } from '../judges/debian.js';

export interface CraneRegistry {
  /** `127.0.0.1:port` */
  host: string;
  /** Ends the process; what it held is gone with it. */
  stop(): Promise<void>;
}

/**
 * Starts `crane registry serve` (go-containerregistry) on a loopback port: it lists in pages without `Link`, has no
 * referrers API unless told, and keeps everything in memory.
 */
export async function startCraneRegistry(): Promise<CraneRegistry> {
  const judges = new Judges(await temporaryDirectory('crane'), 'sid');
  const [program, ...words] = judges.command(['crane', 'registry', 'serve', '--address', '127.0.0.1:0']);
  const child = spawn(program, words, { stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const host = await listening(child);
  return {
    host,
    stop: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

function listening(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status) => reject(new Error(`crane ended with status ${status}`)));
    if (child.stderr === null) throw new Error('no stderr');
    createInterface(child.stderr).on('line', (line) => {
      const port = /serving on port (\d+)/.exec(line)?.[1];
      if (port !== undefined) resolve(`127.0.0.1:${port}`);
    });
  });
}
