import type { Edge, WorkPlace } from 'bunny-libos-tooling';

const file = 'output.json';

/** Lines of one step that are kept, and characters of a line. */
const mostLines = 200;
const longestLine = 2000;

/** First output of a step -> the lines of its output. */
type Lines = Readonly<Record<string, readonly string[]>>;

/**
 * What the steps of a build said when they last ran, kept where they cannot write: a warning stands as long as what it
 * is about, also in a build that has nothing to do for that file.
 */
export class KeptOutput {
  readonly #work: Pick<WorkPlace, 'keep' | 'kept'>;
  readonly #lines: Map<string, readonly string[]>;
  #isChanged = false;

  constructor(work: Pick<WorkPlace, 'keep' | 'kept'>) {
    this.#work = work;
    this.#lines = new Map(Object.entries(work.kept<Lines>(file) ?? {}));
  }

  /** Takes over what a step said that has been run. */
  set(edge: Edge, output: readonly string[]): void {
    const key = keyOf(edge);
    if (this.#lines.delete(key)) this.#isChanged = true;
    if (output.length === 0) return;
    this.#lines.set(key, shortened(output));
    this.#isChanged = true;
  }

  /** What a step said. */
  of(edge: Edge): readonly string[] {
    return this.#lines.get(keyOf(edge)) ?? [];
  }

  /** Keeps it for the next build, as far as it is about these steps. */
  save(edges: readonly Edge[]): void {
    const known = new Set(edges.map(keyOf));
    for (const key of this.#lines.keys()) if (!known.has(key)) this.#isChanged = this.#lines.delete(key);
    if (this.#isChanged) this.#work.keep(file, Object.fromEntries(this.#lines));
  }
}

function keyOf({ outputs }: Edge): string {
  return outputs[0] ?? '';
}

function shortened(lines: readonly string[]): readonly string[] {
  const more = lines.length - mostLines;
  const kept = lines.slice(0, mostLines).map((line) => line.slice(0, longestLine));
  return more <= 0 ? kept : [...kept, `(${more} more lines, which are not kept)`];
}
