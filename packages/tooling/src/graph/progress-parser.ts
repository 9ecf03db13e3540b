import type { BuildGraph, Edge } from './ninja.js';

/** An edge that was run. */
export interface EdgeResult {
  edge: Edge;
  /** Lines of its output and error output. */
  output: string[];
  failed: boolean;
}

/** Called when an edge has ended: edges done, edges to do, and its output. */
export type EdgeListener = (
  edge: Edge,
  progress: { done: number; total: number },
  output: readonly string[],
) => void;

/** Characters of output of a whole run that are kept. What a line costs beside them is counted as so many. */
const mostKept = 32 * 1024 * 1024;
const costOfLine = 64;

/**
 * Reads ninja's output: for each edge that ended a marked line, perhaps `FAILED: ` and the command, and its output. What
 * runs writes that output, and knows the mark: it may say as much as it likes, of which no more is kept than there is
 * room for, and no edge ends twice.
 */
export class ProgressParser {
  readonly #graph: BuildGraph;
  readonly #mark: string;
  readonly #onEdge: EdgeListener | undefined;
  readonly #ran = new Map<Edge, EdgeResult>();
  #current: { result: EdgeResult; done: number; total: number; header: number; dropped: number } | undefined;
  #room = mostKept;

  constructor(graph: BuildGraph, mark: string, onEdge: EdgeListener | undefined) {
    this.#graph = graph;
    this.#mark = mark;
    this.#onEdge = onEdge;
  }

  line(line: string): void {
    if (line.startsWith(`${this.#mark} `)) {
      const [done = 0, total = 0, number = -1] = line.split(' ').slice(1).map(Number);
      const edge = this.#graph.edges[number];
      if (edge === undefined || this.#ran.has(edge) || this.#current?.result.edge === edge) return;
      this.#finish();
      this.#current = { result: { edge, output: [], failed: false }, done, total, header: 0, dropped: 0 };
      return;
    }
    const current = this.#current;
    if (current === undefined) return;
    const { result } = current;
    if (current.header === 0 && line === `FAILED: ${result.edge.outputs.join(' ')} `) {
      result.failed = true;
      current.header = 1;
    } else if (current.header === 1) {
      // The command, which the edge knows already.
      current.header = 2;
    } else this.#keep(current, line);
  }

  end(): EdgeResult[] {
    // What ninja itself says comes after the output of the last edge.
    const output = this.#current?.result.output;
    while (output?.at(-1)?.startsWith('ninja: ')) output.pop();
    this.#finish();
    return [...this.#ran.values()];
  }

  #keep(current: { result: EdgeResult; dropped: number }, line: string): void {
    const cost = line.length + costOfLine;
    if (cost > this.#room) {
      current.dropped += 1;
      return;
    }
    this.#room -= cost;
    current.result.output.push(line);
  }

  #finish(): void {
    if (this.#current === undefined) return;
    const { result, done, total, dropped } = this.#current;
    if (dropped > 0) result.output.push(`(${dropped} more lines, which are not kept)`);
    this.#ran.set(result.edge, result);
    this.#onEdge?.(result.edge, { done, total }, result.output);
    this.#current = undefined;
  }
}
