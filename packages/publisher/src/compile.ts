import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { BunnyError, exitStatus } from '@bunny/spec';
import { type Bind, type Edge, firstDiagnostic, runGraph, shellLine, workDirectory } from '@bunny/tooling';
import type { CompileJob } from './compile-job.js';
import { sandboxPaths } from './compile-plan.js';
import type { LocalComponent } from './component-directory.js';

export interface CompileRun {
  /** Root filesystem of the tooling layer. */
  root: string;
  /** Kept between runs: what is up to date in it is not compiled again. */
  work: string;
  jobs?: number;
  signal?: AbortSignal;
  onEdge?: (edge: Edge, progress: { done: number; total: number }) => void;
}

/**
 * Compiles all jobs as one build graph, so that every processor is busy whatever the shape of the
 * components. Returns how many compilers ran. Throws BUNNY_ECOMPILE with the compiler's own words, its
 * command, and the maintainer's paths.
 */
export async function compileJobs(jobs: readonly CompileJob[], run: CompileRun): Promise<number> {
  const edges = distinctEdges(jobs);
  if (edges.length === 0) return 0;
  await mkdir(run.work, { recursive: true });
  const { onEdge } = run;
  const result = await runGraph(
    {
      graph: { edges },
      root: run.root,
      binds: distinctBinds(jobs),
      work: run.work,
      directory: workDirectory,
      keepGoing: true,
      dependencies: true,
      ...(run.jobs === undefined ? {} : { jobs: run.jobs }),
    },
    {
      ...(run.signal === undefined ? {} : { signal: run.signal }),
      ...(onEdge === undefined ? {} : { onEdge: (edge, progress) => onEdge(edge, progress) }),
    },
  );
  if (result.failed.length > 0) {
    const locals = new Map(jobs.map(({ variant }) => [sandboxPaths.source(variant.local), variant.local]));
    throw compileError(result.failed, locals);
  }
  return result.ran.length;
}

function distinctEdges(jobs: readonly CompileJob[]): Edge[] {
  const edges = new Map<string, Edge>();
  for (const { plan } of jobs) {
    for (const { edge, output } of plan.objects) if (edge !== undefined) edges.set(output, edge);
  }
  return [...edges.values()];
}

function distinctBinds(jobs: readonly CompileJob[]): Bind[] {
  const binds = new Map<string, Bind>();
  for (const bind of jobs.flatMap((job) => job.binds)) binds.set(bind.to, bind);
  return [...binds.values()].sort((left, right) => (left.to < right.to ? -1 : 1));
}

function compileError(
  failed: readonly { edge: Edge; output: readonly string[] }[],
  locals: ReadonlyMap<string, LocalComponent>,
): BunnyError {
  const names = [...new Set(failed.map(({ edge }) => edge.description))];
  const outputs = failed.map(({ edge, output }) => ({
    edge,
    lines: output.map((line) => withHostPaths(line, locals)),
  }));
  const [first] = failed;
  return new BunnyError(
    'BUNNY_ECOMPILE',
    names.length === 1 ? `${names[0]} does not compile` : `${names.length} files do not compile`,
    {
      where:
        firstDiagnostic(outputs.flatMap(({ lines }) => lines)) ??
        withHostPaths(first?.edge.inputs[0] ?? '', locals),
      details: outputs.flatMap(({ edge, lines }) => [...lines, `command: ${shellLine(edge.command)}`]),
      hint: 'correct what the compiler says, then publish again: what is compiled already stays',
      exitStatus: exitStatus.buildFailed,
    },
  );
}

/** Puts the maintainer's directories where the compiler saw the sandbox's. */
function withHostPaths(line: string, locals: ReadonlyMap<string, LocalComponent>): string {
  return line.replaceAll(/\/src\/([^/\s:]+)/g, (root) => {
    const local = locals.get(root);
    return local === undefined ? root : dirname(local.file);
  });
}
