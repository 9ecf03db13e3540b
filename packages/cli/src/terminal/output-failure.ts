import type { Interruption } from './interruption.js';
import { reportError } from './report-error.js';
import { Terminal } from './terminal.js';

/**
 * Ends the command without a word where nobody reads its output any more, as in `bunny tree | head -1`, and
 * tells of any other failure to print. What is printed last fails after the command is done.
 */
export function watchOutput(interruption: Interruption): void {
  for (const [name, stream] of [
    ['standard output', process.stdout],
    ['standard error', process.stderr],
  ] as const) {
    let told = false;
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') return interruption.raise('SIGPIPE');
      if (told) return;
      told = true;
      const status = reportError(Object.assign(error, { path: name }), new Terminal());
      process.once('exit', () => {
        process.exitCode = status;
      });
    });
  }
}
