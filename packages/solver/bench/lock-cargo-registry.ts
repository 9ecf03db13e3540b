import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { solveSync } from '../src/solve.js';
import { cargoUniverse, readWishes } from './cargo-registry.js';

// One whole process that does what `cargo generate-lockfile --offline` does: reads wishes and index, writes a lock.
const [directory = '.'] = process.argv.slice(2);
const root = { name: 'app', requirements: readWishes(directory), settings: {} };
const solution = solveSync(root, cargoUniverse(directory));
if (!solution.solved) throw new Error(solution.failure.summary);
const lines = [...solution.closure.values()].map(
  ({ candidate: { name, version }, dependencies }) =>
    `${name} ${version} ${Object.values(dependencies).join(' ')}`,
);
writeFileSync(join(directory, 'app', 'bunny.lock'), `${lines.join('\n')}\n`);
