import { type Edge, type EdgeResult, runGraph, saysDiskFull } from 'bunny-libos-tooling';
import type { Step } from '../plan/build-plan.js';
import type { BuildRequest } from '../plan/build-request.js';
import type { PreparedBuild } from '../plan/prepare.js';
import { sandbox } from '../plan/sandbox-paths.js';
import { noteEmbedded } from './embedded-files.js';
import { KeptOutput } from './kept-output.js';
import { forgetReplaced } from './replaced-inputs.js';
import { hostDirectories, pathRewriter, sandboxBinds } from './sandbox-view.js';
import type { WorkDirectory } from './work-directory.js';

/**
 * Brings everything in the work directory up to date, or what only these `steps` of the plan make, and tells how many
 * steps that took.
 * Throws BunnyError BUNNY_ECOMPILE, BUNNY_EUNDEFINED, BUNNY_EDUPLICATE, BUNNY_ELINK, BUNNY_ENOSPACE, and what
 * the sandbox throws.
 */
export async function runPlan(
  prepared: PreparedBuild,
  request: BuildRequest,
  work: WorkDirectory,
  steps: readonly Step[] = prepared.plan.steps,
): Promise<number> {
  const { plan, root, closure } = prepared;
  const directories = hostDirectories(closure, request, work);
  const rewrite = pathRewriter(directories);
  work.write(plan.files);
  const searched = searchedDirectories(prepared, request);
  forgetReplaced(plan, work, directories, searched);
  const kept = new KeptOutput(work);
  const running = runGraph(
    {
      graph: { edges: steps },
      root,
      binds: sandboxBinds(closure, request),
      place: work,
      directory: sandbox.source,
      keepGoing: true,
      dependencies: true,
      jobs: request.jobs,
    },
    {
      signal: request.signal,
      limits: request.limits,
      onEdge: (edge, { done, total }, output) => {
        kept.set(edge, output);
        const { description, command } = edge;
        const lines = output.map(rewrite);
        request.onProgress?.({ kind: 'step', description, command, done, total, output: lines });
      },
    },
  );
  // What was run is up to date, also where the rest was interrupted.
  const result = await running.finally(() => kept.save(plan.steps));
  const done = new Set(result.ran.map(({ edge }) => edge));
  noteEmbedded(
    steps.filter((step) => done.has(step)),
    work,
    directories.source,
    searched,
  );
  if (result.failed.length > 0)
    throw await failure(inPlanOrder(result.failed, steps), prepared, request, work);
  for (const step of steps) {
    const output = done.has(step) ? [] : kept.of(step).map(rewrite);
    if (output.length > 0) request.onProgress?.({ kind: 'output', output });
  }
  return done.size;
}

/** Where the app has its compilers look for headers: its include directories, and those that its flags name. */
function searchedDirectories({ rules }: PreparedBuild, { bunnyfile }: BuildRequest): string[] {
  const { include = [], flags = [] } = bunnyfile.value.app ?? {};
  const prefixes = Object.values(rules.rules.languages).map(({ includeFlag }) => includeFlag);
  const named = flags.flatMap((flag) => [
    flag,
    ...prefixes.filter((prefix) => flag.startsWith(prefix)).map((prefix) => flag.slice(prefix.length)),
  ]);
  return [...include, ...named];
}

/** What explains a failure is loaded where there is one. */
async function failure(
  failed: readonly EdgeResult[],
  { plan, rules, closure }: PreparedBuild,
  request: BuildRequest,
  work: WorkDirectory,
): Promise<Error> {
  const directories = hostDirectories(closure, request, work);
  const rewrite = pathRewriter(directories);
  const link: Step | undefined = plan.steps.find((step) => step.kind === 'link');
  const [first] = failed;
  if (first === undefined || first.edge !== link || saysDiskFull(first.output)) {
    const { compileFailure } = await import('./failure.js');
    return await compileFailure(failed, rewrite, request.definers);
  }
  const { linkFailure } = await import('./link-failure.js');
  const { objectReader } = await import('./read-object.js');
  return await linkFailure(first, {
    plan,
    appDefines: rules.target.appDefines,
    readObject: objectReader(plan, directories, work),
    verbose: request.verbose ?? false,
    definers: request.definers,
    formerDefiners: request.formerDefiners,
    rewrite,
  });
}

/** Steps end in any order; errors are told in the same one every time. */
function inPlanOrder(failed: readonly EdgeResult[], steps: readonly Edge[]): EdgeResult[] {
  return [...failed].sort((a, b) => steps.indexOf(a.edge) - steps.indexOf(b.edge));
}
