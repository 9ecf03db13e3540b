#!/usr/bin/env node
import packageJson from '../package.json' with { type: 'json' };

// Nothing but this is loaded for `bunny --version`.
const [first] = process.argv.slice(2);
if (first === '--version' || first === '-V') {
  process.stdout.write(`bunny ${packageJson.version}\n`);
} else {
  const { runProgram } = await import('./program.js');
  process.exitCode = await runProgram(process.argv.slice(2), packageJson.version);
}
