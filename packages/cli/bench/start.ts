import { fileURLToPath } from 'node:url';
import { race, report } from './measure.js';

// How long the CLI takes to say its version, against Node doing nothing. Goal: at most 1.6x.
const bunny = fileURLToPath(new URL('../../bundle/bunny.cjs', import.meta.url));
const times = race(
  [
    { name: 'node -e 0', command: [process.execPath, '-e', '0'] },
    { name: 'bunny --version', command: [process.execPath, bunny, '--version'] },
    { name: 'bunny --help', command: [process.execPath, bunny, '--help'] },
  ],
  21,
);
console.log(report('start (goal: bunny --version at most 1.6x)', times));
