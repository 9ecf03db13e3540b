import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import { scratch, timed } from './contest.js';

/** The client of `oci-client.ts` packed into one file as the command is that users run. */
export const clientFile = path.join(scratch, 'client.cjs');
buildSync({
  entryPoints: [fileURLToPath(new URL('./oci-client.js', import.meta.url))],
  outfile: clientFile,
  bundle: true,
  platform: 'node',
  format: 'cjs',
  // import() becomes a require() that waits its turn.
  supported: { 'dynamic-import': false },
  minifySyntax: true,
  minifyWhitespace: true,
});

/** Starts it as the command is started: with what V8 made of it in an earlier run. */
const compiledStart = fileURLToPath(new URL('../../../../../scripts/compiled-start.cjs', import.meta.url));

/** Runs it in a process of its own; milliseconds. */
export const client = (...args: string[]): Promise<number> =>
  timed(process.execPath, compiledStart, clientFile, ...args);
