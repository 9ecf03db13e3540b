import { dirname, join } from 'node:path';
import { byText } from 'bunny-libos-spec';
import {
  type Bind,
  type Edge,
  type EdgeResult,
  type Limits,
  missingHeaders,
  runGraph,
  sandboxDirectories,
  stepFailure,
  type WorkPlace,
  withHostPaths,
} from 'bunny-libos-tooling';
import { variantLabel } from '../plan/local-variant.js';
import { type FileTree, type HeaderTree, headerOrigins, writeFileTrees } from './header-tree.js';
import type { CompileJob } from './job.js';
import { sourceRoot } from './steps.js';

export interface CompileRun {
  /** Root filesystem of the tooling layer. */
  root: string;
  /** Kept between runs: what is up to date in it is not compiled again. */
  place: WorkPlace;
  jobs?: number | undefined;
  /** What commands may use up; those of `readLimits` where left out. */
  limits?: Limits | undefined;
  signal?: AbortSignal | undefined;
  /** `output` is what the compiler said, with the maintainer's paths. */
  onEdge?:
    | ((edge: Edge, progress: { done: number; total: number }, output: readonly string[]) => void)
    | undefined;
  /** What to do about headers that a compiler does not find. */
  headerAdvice?: (headers: readonly string[]) => Promise<string | undefined>;
}

/**
 * Compiles all jobs as one build graph, so that every processor is busy whatever the shape of the
 * components. Returns how many compilers ran. Throws BUNNY_ECOMPILE with the compiler's own words, its
 * command, and the maintainer's paths.
 */
export async function compileJobs(jobs: readonly CompileJob[], run: CompileRun): Promise<number> {
  const edges = distinctEdges(jobs);
  if (edges.length === 0) return 0;
  const { place } = run;
  await writeFileTrees([...headerTrees(jobs).values(), ...sourceCopies(jobs)], place.plan);
  const { onEdge } = run;
  const rewrite = pathRewriter(jobs, place);
  const result = await runGraph(
    {
      graph: { edges },
      root: run.root,
      binds: distinctBinds(jobs, place),
      place,
      directory: sandboxDirectories.work,
      keepGoing: true,
      dependencies: true,
      jobs: run.jobs,
    },
    {
      signal: run.signal,
      limits: run.limits,
      onEdge: (edge, progress, output) => onEdge?.(edge, progress, output.map(rewrite)),
    },
  );
  if (result.failed.length > 0) {
    const headers = missingHeaders(result.failed.flatMap(({ output }) => output));
    const advice = headers.length === 0 ? undefined : await run.headerAdvice?.(headers);
    throw compileFailure(result.failed, edges, jobs, rewrite, advice);
  }
  return result.ran.length;
}

function distinctEdges(jobs: readonly CompileJob[]): Edge[] {
  const edges = new Map<string, Edge>();
  for (const { plan } of jobs) {
    for (const { edge, output } of plan.objects) if (edge !== undefined) edges.set(output, edge);
    for (const edge of plan.types?.edges ?? []) edges.set(edge.outputs.join(), edge);
  }
  return [...edges.values()];
}

/** Each once, though several variants of a component are compiled. */
function sourceCopies(jobs: readonly CompileJob[]): FileTree[] {
  const copies = jobs.flatMap(({ sources }) => sources ?? []);
  return [...new Map(copies.map((copy) => [copy.path, copy])).values()];
}

function distinctBinds(jobs: readonly CompileJob[], { plan }: WorkPlace): Bind[] {
  const binds = new Map<string, Bind>();
  for (const bind of jobs.flatMap((job) => job.binds)) binds.set(bind.to, bind);
  for (const { path, root, headers } of headerTrees(jobs).values()) {
    if (headers.length > 0) binds.set(root, { from: join(plan, path), to: root, mayBePrivate: true });
  }
  for (const { path, local } of sourceCopies(jobs)) {
    const to = sourceRoot(local);
    binds.set(to, { from: join(plan, path), to, mayBePrivate: true });
  }
  return [...binds.values()].sort(byText(({ to }) => to));
}

/** By their place in the work directory. */
function headerTrees(jobs: readonly CompileJob[]): Map<string, HeaderTree> {
  return new Map(jobs.flatMap(({ headers }) => headers.map((tree) => [tree.path, tree] as const)));
}

/** Puts the maintainer's paths into a line of a compiler. */
function pathRewriter(jobs: readonly CompileJob[], { work, plan }: WorkPlace): (line: string) => string {
  const roots = new Map(jobs.flatMap(({ binds }) => binds.map(({ from, to }) => [to, from] as const)));
  roots.set(sandboxDirectories.work, work);
  roots.set(sandboxDirectories.plan, plan);
  for (const tree of headerTrees(jobs).values()) {
    for (const [inSandbox, onHost] of headerOrigins(tree)) roots.set(inSandbox, onHost);
  }
  for (const { variant } of jobs) roots.set(sourceRoot(variant.local), dirname(variant.local.file));
  return (line) => withHostPaths(line, roots, (path) => path);
}

/** The failure with the maintainer's paths, in the order of the graph: steps end in any. */
function compileFailure(
  failed: readonly EdgeResult[],
  edges: readonly Edge[],
  jobs: readonly CompileJob[],
  rewrite: (line: string) => string,
  advice = 'correct what the compiler reports, then publish again: what is compiled is kept',
): Error {
  const purposes = new Map(
    jobs.flatMap(({ variant, plan }) =>
      [
        ...plan.objects.map(({ output }) => output),
        ...(plan.types?.edges ?? []).flatMap(({ outputs }) => outputs),
      ].map((output) => [output, variantLabel(variant)] as const),
    ),
  );
  const inOrder = [...failed].sort((a, b) => edges.indexOf(a.edge) - edges.indexOf(b.edge));
  return stepFailure(inOrder, {
    rewrite,
    hint: advice,
    purpose: ({ outputs: [output = ''] }) => purposes.get(output) ?? '',
  });
}
