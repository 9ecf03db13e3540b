import { randomBytes } from 'node:crypto';
import { BunnyError, exitStatus } from 'bunny-libos-spec';
import type { Bind } from '../sandbox/command.js';
import { sandboxDirectories } from '../sandbox/directories.js';
import type { ProcessResult } from '../sandbox/run-process.js';
import { missingProgram, runInSandbox, type SandboxRunOptions } from '../sandbox/sandbox.js';
import { listingFile, type WorkPlace } from '../work/work-place.js';
import { type BuildGraph, ninjaFile } from './ninja.js';
import { type EdgeListener, type EdgeResult, ProgressParser } from './progress-parser.js';

/** A build graph and where it runs. */
export interface GraphRun {
  graph: BuildGraph;
  /** Tooling root. It holds `ninja` and `sh`. */
  root: string;
  /** What is visible inside, the place aside. */
  binds: readonly Bind[];
  /** Where it is made. What is up to date there is not made again. */
  place: WorkPlace;
  /** Working directory of the commands, inside: `/src`. */
  directory: string;
  /** Commands at a time; as many as there are processors where left out. */
  jobs?: number | undefined;
  /** Runs all that does not depend on what failed. Else nothing new is begun after the first failure. */
  keepGoing?: boolean | undefined;
  /** Keeps what the dependency files said: see `WorkPlace.dependencies`. */
  dependencies?: boolean | undefined;
}

export interface GraphRunOptions extends Pick<SandboxRunOptions, 'signal' | 'timeout' | 'limits'> {
  onEdge?: EdgeListener | undefined;
}

export interface GraphResult {
  /** Every edge that was run, in the order in which they ended. Empty where all was up to date. */
  ran: EdgeResult[];
  failed: EdgeResult[];
}

const workDirectory = sandboxDirectories.work;
const buildFile = 'build.ninja';
const buildFilePath = `${sandboxDirectories.plan}/${buildFile}`;
/** A shell's status where there is no such program (POSIX, "Exit Status for Commands"). */
const shellFindsNothing = 127;

/** Lists what ninja knows from dependency files, where that has changed; the status is that of the build. */
const listDependencies = [
  'ninja "$@"',
  'status=$?',
  `cd ${workDirectory}`,
  `if [ ! -e ${listingFile} ] || [ .ninja_deps -nt ${listingFile} ]`,
  `then ninja -f ${buildFilePath} -t deps > ${listingFile}`,
  'fi',
  'exit $status',
].join('\n');

/**
 * Brings the outputs of a graph up to date by ninja inside the sandbox. The build.ninja is written only where
 * it differs, so that nothing is read as changed that is not.
 * A failing command is not an error here: see `failed`.
 * Throws BunnyError BUNNY_EGRAPH where ninja cannot run the graph (a missing input, a circle), BUNNY_ESANDBOX where the
 * root has no ninja or no /bin/sh, and what else `runInSandbox` and `WorkPlace.takeDependencies` throw.
 */
export async function runGraph(run: GraphRun, options: GraphRunOptions = {}): Promise<GraphResult> {
  const { place } = run;
  place.write({ [buildFile]: ninjaFile(run.graph, workDirectory) });
  const mark = randomBytes(8).toString('hex');
  const parser = new ProgressParser(run.graph, mark, options.onEdge);
  const { onEdge: _, ...sandboxOptions } = options;
  const result = await runInSandbox(
    {
      root: run.root,
      binds: [
        ...run.binds,
        { from: place.plan, to: sandboxDirectories.plan, mayBePrivate: true },
        { from: place.work, to: workDirectory, writable: true },
      ],
      directory: run.directory,
      environment: { NINJA_STATUS: `${mark} %f %t ` },
      command: [
        ...(run.dependencies ? ['sh', '-c', listDependencies] : []),
        'ninja',
        ...['-f', buildFilePath],
        ...(run.jobs === undefined ? [] : ['-j', String(run.jobs)]),
        ...(run.keepGoing ? ['-k', '0'] : []),
      ],
    },
    {
      ...sandboxOptions,
      onLine: (line, stream) => {
        if (stream === 'stdout') parser.line(line);
      },
    },
  );
  const ran = parser.end();
  const failed = ran.filter((each) => each.failed);
  if (result.status !== 0 && failed.length === 0) throw graphError(result, run.root);
  if (run.dependencies) place.takeDependencies(run);
  return { ran, failed };
}

function graphError({ stderr, stdout, status }: ProcessResult, root: string): BunnyError {
  // Of some ends, such as a log that cannot be written, it tells where it tells of progress.
  const own = stdout.split('\n').filter((line) => line.startsWith('ninja: '));
  const lines = [...stderr.split('\n').filter((line) => line !== ''), ...own];
  const missing = lines.find((line) => line.endsWith('ninja: not found'));
  if (status === shellFindsNothing && missing !== undefined) return missingProgram('ninja', root, missing);
  const reason = lines.find((line) => line.startsWith('ninja: '))?.replace(/^ninja: (error: )?/, '');
  // The only program that ninja itself starts, by this path. A layer with a directory bin replaces a link of that name.
  if (reason === 'fatal: posix_spawn: No such file or directory') {
    return missingProgram('/bin/sh', root, `ninja: ${reason}`);
  }
  return new BunnyError('BUNNY_EGRAPH', reason ?? `ninja ended with status ${status}`, {
    where: 'build.ninja',
    hint: 'if a file was removed while the build ran, run it again',
    exitStatus: exitStatus.buildFailed,
    details: lines,
  });
}
