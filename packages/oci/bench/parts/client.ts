import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import { scratch, timed } from './contest.js';

/** The client of `oci-client.ts` packed into one file, as the command that users run is. */
export const clientFile = path.join(scratch, 'client.mjs');
buildSync({
  entryPoints: [fileURLToPath(new URL('./oci-client.js', import.meta.url))],
  outfile: clientFile,
  bundle: true,
  platform: 'node',
  format: 'esm',
  minifySyntax: true,
  minifyWhitespace: true,
});

/** Runs it in a process of its own; milliseconds. */
export const client = (...args: string[]): Promise<number> => timed(process.execPath, clientFile, ...args);
