import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Failure } from '../src/search/universe.js';
import { solve, solveSync } from '../src/solve.js';
import { readScenario } from './scenario.js';

const directory = fileURLToPath(new URL('../../test/golden/', import.meta.url));
const separator = '\n---\n';

/** A failure as a user reads it. */
function print({ summary, lines, suggestions }: Failure): string {
  return [
    summary,
    ...lines.map((line, i) => `${String(i + 1).padStart(3)}. ${line}`),
    ...suggestions.map((suggestion) => `  => ${suggestion}`),
    '',
  ].join('\n');
}

/** Each file holds a universe, a Bunnyfile, and below the dashes what the user is told. GOLDEN=write rewrites that. */
describe('failures, explained', function () {
  this.timeout(60_000);

  const files = readdirSync(directory).sort();

  it('covers at least 25 kinds', () => assert.ok(files.length >= 25, `${files.length} files`));

  for (const file of files) {
    const text = readFileSync(`${directory}${file}`, 'utf8');
    const [given = '', expected = ''] = text.split(separator);
    const scenario = readScenario(given);
    it(`${file}: ${scenario.title}`, async () => {
      const solution = await solve(scenario.root, scenario.universe, scenario.options);
      assert.ok(!solution.solved, 'there is a closure');
      const told = print(solution.failure);
      if (process.env.GOLDEN === 'write') writeFileSync(`${directory}${file}`, given + separator + told);
      else assert.equal(told, expected);
      assert.ok(solution.failure.lines.length <= 12);
      assert.deepEqual(solveSync(scenario.root, scenario.universe, scenario.options), solution);
    });
  }
});
