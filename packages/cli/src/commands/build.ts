import {
  type BuildPlan,
  type BuildRequest,
  build,
  type Definers,
  packageKernel,
  prepareBuild,
  type SizeReport,
} from '@bunny/builder';
import {
  BunnyError,
  type Bunnyfile,
  exitStatus,
  type LockedTarget,
  normaliseArchitecture,
  type TargetName,
} from '@bunny/spec';
import type { CommonFlags, Run } from '../action.js';
import { lockedTargets } from '../locking.js';
import { count, formatBytes, formatSeconds } from '../quantities.js';
import type { publishedDefiners } from '../symbol-definers.js';
import { table } from '../table.js';
import { type BaseFlags, openProject, openStore, type Project, shownPath } from '../workspace.js';

export interface BuildFlags extends CommonFlags, BaseFlags {
  file?: string;
  arch?: string;
  platform?: string;
  type?: string;
  output?: string;
  jobs?: number;
  dryRun?: boolean;
  frozen?: boolean;
  offline?: boolean;
}

/** An image on disk, and the target of the lock that it was built from (none for a prebuilt kernel). */
export interface Built {
  image: string;
  initrd?: string;
  target?: LockedTarget;
}

export async function run(context: Run<BuildFlags>): Promise<number> {
  const { flags, terminal } = context;
  const project = await openProject(flags.file, flags, terminal);
  if (flags.dryRun) {
    const { plan } = await prepareBuild(await buildRequest(project, context));
    terminal.print(planText(plan));
    terminal.result(plan);
    return exitStatus.done;
  }
  await buildImage(project, context);
  return exitStatus.done;
}

/** Builds the image that the flags ask for and reports it. */
export async function buildImage(project: Project, context: Run<BuildFlags>): Promise<Built> {
  const { flags, terminal } = context;
  const start = performance.now();
  if (project.document.value.kernel !== undefined) return packagePrebuilt(project, context);
  const warnings: string[] = [];
  const request = await buildRequest(project, context, warnings);
  const result = await build(request);
  terminal.clear();
  project.fetched?.report('Fetched');
  for (const line of warnings) terminal.error(line);
  const { plan, image, initrd, record, sizes, report, ran } = result;
  if (!flags.quiet) terminal.print(sizeTable(report));
  terminal.done(
    'Built',
    `${shownPath(image)} (${formatBytes(report.image)}) in ${formatSeconds(performance.now() - start)}` +
      (ran === 0 ? ', nothing had changed' : `, ${count(ran, 'step')} run`),
  );
  terminal.result({
    name: plan.name,
    arch: plan.arch,
    platform: plan.platform,
    image: shownPath(image),
    ...(initrd === undefined ? {} : { initrd: shownPath(initrd) }),
    record: shownPath(record),
    sizes: shownPath(sizes),
    report,
    ran,
  });
  return { image, ...(initrd === undefined ? {} : { initrd }), target: request.target };
}

/** `warnings` takes what the compiler said; of a step that fails the error says it. */
async function buildRequest(
  project: Project,
  context: Run<BuildFlags>,
  warnings: string[] = [],
): Promise<BuildRequest> {
  const { flags, terminal, signal } = context;
  const { arch, platform, type, output, jobs, ...rest } = flags;
  const { document, directory, bases } = project;
  const { wanted, changed } = await lockedTargets(project, {
    ...context,
    flags: {
      ...rest,
      ...(arch === undefined ? {} : { arch: [arch] }),
      ...(platform === undefined ? {} : { platform: [platform] }),
    },
  });
  if (changed) terminal.done('Resolved', `anew, wrote ${shownPath(project.lockFile)}`);
  const target = chooseTarget(wanted, document.value, project.file);
  const store = await openStore();
  return {
    bunnyfile: document,
    directory,
    target,
    store,
    ...(flags.offline ? {} : { definers: laterDefiners(project, target, store, signal) }),
    sources: (from, name) => (flags.offline ? [] : bases.sources(from, document.value.framework, name)),
    ...(type === undefined ? {} : { type }),
    ...(output === undefined ? {} : { output }),
    ...(jobs === undefined ? {} : { jobs }),
    signal,
    onProgress: (progress) => {
      if (progress.kind === 'fetch') return;
      terminal.progress(`${progress.done}/${progress.total}  ${progress.description}`);
      warnings.push(...progress.output);
    },
  };
}

/** `publishedDefiners`, loaded only where a link fails. */
function laterDefiners(...place: Parameters<typeof publishedDefiners>): Definers {
  return async (symbols) => {
    const { publishedDefiners } = await import('../symbol-definers.js');
    return publishedDefiners(...place)(symbols);
  };
}

/**
 * The target to build where the command line leaves a choice: the one of the Bunnyfile's `platforms`, as far
 * as it names one, then one for this machine's architecture, then the first.
 */
function chooseTarget(wanted: readonly LockedTarget[], bunnyfile: Bunnyfile, where: string): LockedTarget {
  const { architecture, monitor, targets } = bunnyfile;
  const here = normaliseArchitecture(process.arch);
  const listed = ({ arch, platform }: TargetName) => {
    const position = targets.findIndex((each) => each.arch === arch && each.platform === platform);
    return position === -1 ? targets.length : position;
  };
  const rank = (target: LockedTarget) => [
    Number(monitor !== undefined && target.platform !== monitor),
    Number(target.arch !== (architecture ?? here)),
    listed(target),
  ];
  const [best] = [...wanted].sort((left, right) => compareRanks(rank(left), rank(right)));
  if (best !== undefined) return best;
  throw new BunnyError('BUNNY_ETARGET', 'there is no target to build', {
    where,
    hint: 'name one with --arch and --platform',
    exitStatus: exitStatus.unsatisfiable,
  });
}

function compareRanks(left: readonly number[], right: readonly number[]): number {
  const different = left.findIndex((each, index) => each !== right[index]);
  return different === -1 ? 0 : (left[different] ?? 0) - (right[different] ?? 0);
}

async function packagePrebuilt(project: Project, { flags, terminal }: Run<BuildFlags>): Promise<Built> {
  const { document, directory } = project;
  const { architecture, monitor } = document.value;
  const { image, initrd } = await packageKernel({
    bunnyfile: document,
    directory,
    arch: normaliseArchitecture(flags.arch ?? architecture ?? process.arch),
    platform: flags.platform ?? monitor ?? 'qemu',
    ...(flags.output === undefined ? {} : { output: flags.output }),
  });
  terminal.done('Packaged', `${shownPath(image)}, as it was`);
  terminal.result({
    image: shownPath(image),
    ...(initrd === undefined ? {} : { initrd: shownPath(initrd) }),
  });
  return { image, ...(initrd === undefined ? {} : { initrd }) };
}

function sizeTable(report: SizeReport): string {
  const rows = report.parts.map(({ kind, name, version, text, data, bss }) => [
    kind === 'component' ? `${name} ${version}` : `${name} (${kind})`,
    String(text),
    String(data),
    String(bss),
  ]);
  return table([report.measured === 'linked' ? 'LINKED' : 'OBJECTS', 'TEXT', 'DATA', 'BSS'], rows);
}

function planText(plan: BuildPlan): string {
  return plan.steps.map(({ description, command }) => `${description}\n  ${command.join(' ')}`).join('\n');
}
