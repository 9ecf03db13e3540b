import { BunnyError, diskFull, exitStatus } from '@bunny/spec';
import { type EdgeResult, firstDiagnostic, shellLine } from '@bunny/tooling';
import { saysDiskFull } from './file-failure.js';

/**
 * The error for steps that failed: where the first one says, each tool's own words, and the commands.
 * `rewrite` gives the paths in a line as the user knows them.
 */
export function stepFailure(failed: readonly EdgeResult[], rewrite: (line: string) => string): BunnyError {
  const outputs = failed.map(({ edge, output }) => ({ edge, lines: output.map(rewrite) }));
  const place = firstDiagnostic(outputs.flatMap(({ lines }) => lines));
  const isFull = outputs.some(({ lines }) => saysDiskFull(lines));
  const [first] = failed;
  const what = failed.length === 1 ? first?.edge.description : `${failed.length} steps`;
  const details = outputs.flatMap(({ edge, lines }) => [
    ...(failed.length === 1 ? [] : [`${edge.description}:`]),
    ...lines,
    `command: ${shellLine(edge.command)}`,
  ]);
  if (isFull) return diskFull(place ?? 'the work directory', details);
  return new BunnyError('BUNNY_ECOMPILE', `failed: ${what}`, {
    where: place ?? first?.edge.inputs[0] ?? 'build.ninja',
    hint: 'correct what the tool says and build again: what is made already is kept',
    exitStatus: exitStatus.buildFailed,
    details,
  });
}
