import { BunnyError, diskFull, exitStatus, shellLine } from 'bunny-libos-spec';
import { firstDiagnostic } from './diagnostic.js';
import type { Edge } from './ninja.js';
import type { EdgeResult } from './progress-parser.js';

/** How failed steps are told. */
export interface FailureWords {
  /** Gives the paths in a line as the user knows them. */
  rewrite: (line: string) => string;
  hint: string;
  /** What an edge is for, where several of one description make the same for different configurations. */
  purpose?: ((edge: Edge) => string) | undefined;
}

/** What every tool says when the disk is full, strerror(ENOSPC) in the C locale. */
const full = 'No space left on device';

/** True where a tool's output says that the disk is full. */
export function saysDiskFull(lines: readonly string[]): boolean {
  return lines.some((line) => line.includes(full));
}

/**
 * The error for steps that failed, in their order: where the first one says, each tool's own words, and the
 * commands. Steps of one description that failed with the same words are told once. BUNNY_ENOSPACE, else
 * BUNNY_ECOMPILE.
 */
export function stepFailure(failed: readonly EdgeResult[], words: FailureWords): BunnyError {
  const failures = distinctFailures(failed, words);
  const lines = failures.flatMap((failure) => failure.lines);
  const place = firstDiagnostic(lines);
  const details = failures.flatMap(({ description, lines: said, purposes, command }) => [
    ...(failures.length === 1 ? [] : [`${description}:`]),
    ...said,
    ...(purposes.length > 1 ? [`the same for ${purposes.join(', ')}`] : []),
    `command: ${command}`,
  ]);
  if (saysDiskFull(lines)) return diskFull(place ?? 'the work directory', details);
  const [first] = failed;
  const descriptions = new Set(failures.map(({ description }) => description));
  return new BunnyError(
    'BUNNY_ECOMPILE',
    `failed: ${descriptions.size === 1 ? first?.edge.description : `${descriptions.size} steps`}`,
    {
      where: place ?? words.rewrite(first?.edge.inputs[0] ?? 'build.ninja'),
      hint: words.hint,
      exitStatus: exitStatus.buildFailed,
      details,
    },
  );
}

interface Failure {
  description: string;
  lines: string[];
  /** Of the first one. */
  command: string;
  purposes: string[];
}

function distinctFailures(failed: readonly EdgeResult[], { rewrite, purpose }: FailureWords): Failure[] {
  const failures = new Map<string, Failure>();
  for (const { edge, output } of failed) {
    const { description } = edge;
    const lines = output.map(rewrite);
    const key = JSON.stringify([description, lines]);
    const failure = failures.get(key) ?? {
      description,
      lines,
      command: shellLine(edge.command),
      purposes: [],
    };
    failures.set(key, failure);
    if (purpose !== undefined) failure.purposes.push(purpose(edge));
  }
  return [...failures.values()];
}
