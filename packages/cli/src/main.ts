#!/usr/bin/env node
import module from 'node:module';
import packageJson from '../package.json' with { type: 'json' };

// Nothing but this is loaded for `bunny --version`.
const [first] = process.argv.slice(2);
if (first === '--version' || first === '-V') {
  process.stdout.write(`bunny ${packageJson.version}\n`);
} else {
  // From Node 22.1 on, what V8 makes of the code is kept for the next start.
  (module as { enableCompileCache?: () => void }).enableCompileCache?.();
  const { runProgram } = await import('./program.js');
  process.exitCode = await runProgram(process.argv.slice(2), packageJson.version);
}
