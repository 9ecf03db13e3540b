import {
  type BuildPlan,
  type BuildRequest,
  build,
  chooseTarget,
  type KernelRequest,
  packageKernel,
  prepareBuild,
  prepareKernel,
  type SizeReport,
} from 'bunny-libos-builder';
import { laterDefiners, openStore, type Project } from 'bunny-libos-project';
import {
  BunnyError,
  exitStatus,
  formatBytes,
  formatPosition,
  type LockedTarget,
  normaliseArchitecture,
  shellLine,
} from 'bunny-libos-spec';
import { readLimits } from 'bunny-libos-tooling';
import { lockTargets } from '../../project/locking.js';
import { namedProject } from '../../project/named-project.js';
import { count, timeSinceStart } from '../../terminal/quantities.js';
import { shownPath } from '../../terminal/shown-path.js';
import { table } from '../../terminal/table.js';
import type { Terminal } from '../../terminal/terminal.js';
import { Transfers } from '../../terminal/transfers.js';
import type { Context } from './command.js';

/** An image on disk, and the target of the lock that it was built from (none for a prebuilt kernel). */
export interface Built {
  image: string;
  initrd?: string | undefined;
  target?: LockedTarget | undefined;
}

/** `bunny build`: status 5 where the image cannot be made. */
export async function run(context: Context): Promise<number> {
  const { flags, terminal } = context;
  const fetched = new Transfers(terminal);
  const project = await namedProject(context, fetched);
  if (flags.dryRun) {
    const { kernel } = project.document.value;
    if (kernel !== undefined) {
      const { arch, platform, warnings } = await prepareKernel(kernelRequest(project, flags));
      warnOfEnvironment(project, terminal);
      for (const warning of warnings) terminal.warn(warning);
      terminal.print(`package ${kernel.path} for ${targetText(arch, platform)}, as it is`);
      terminal.result({ kernel: kernel.path, arch, ...(platform === undefined ? {} : { platform }) });
      return exitStatus.done;
    }
    const { plan } = await prepareBuild(await buildRequest(project, context));
    terminal.print(planText(plan));
    terminal.result(plan);
    return exitStatus.done;
  }
  await buildImage(project, context, fetched);
  return exitStatus.done;
}

/** Builds the image that the flags ask for and reports it. */
export async function buildImage(project: Project, context: Context, fetched: Transfers): Promise<Built> {
  const { terminal } = context;
  if (project.document.value.kernel !== undefined) return packagePrebuilt(project, context);
  const warnings: string[] = [];
  const request = await buildRequest(project, context, warnings);
  const result = await build(request);
  terminal.clear();
  fetched.report('Fetched');
  for (const line of warnings) terminal.error(line);
  const { plan, image, initrd, record, sizes, report, ran } = result;
  terminal.report(sizeTable(report));
  terminal.done(
    'Built',
    `${shownPath(image)} (${formatBytes(report.image)}) in ${timeSinceStart()}` +
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
  context: Context,
  warnings: string[] = [],
): Promise<BuildRequest> {
  const { flags, terminal, signal } = context;
  const { arch, platform, type, output, jobs, limit, verbose = false, ...rest } = flags;
  const { document, directory, bases } = project;
  warnOfEnvironment(project, terminal);
  const asked = {
    ...rest,
    ...(arch === undefined ? {} : { arch: [arch] }),
    ...(platform === undefined ? {} : { platform: [platform] }),
  };
  const choose = (targets: readonly LockedTarget[]) =>
    chooseTarget(targets, document.value, normaliseArchitecture(process.arch));
  // Of several targets one is built; the lock is for all.
  const { wanted, changed } = await lockTargets(
    project,
    { ...context, flags: asked },
    {
      lockAll: true,
      check: (_lock, targets) => {
        const chosen = choose(targets);
        return chosen === undefined ? [] : [chosen];
      },
    },
  );
  if (changed && !flags.dryRun) {
    terminal.done('Resolved', `anew, wrote ${shownPath(project.lockFile)}`);
  }
  const target = choose(wanted);
  if (target === undefined) {
    throw new BunnyError('BUNNY_ETARGET', 'there is no target to build', {
      where: project.file,
      hint: 'name one with --arch and --platform',
      exitStatus: exitStatus.unsatisfiable,
    });
  }
  const store = await openStore();
  return {
    bunnyfile: document,
    directory,
    target,
    store,
    ...(flags.offline ? {} : laterDefiners(project, target, store, signal)),
    sources: (from, name) => (flags.offline ? [] : bases.sources(from, document.value.framework, name)),
    ...(type === undefined ? {} : { type }),
    ...(output === undefined ? {} : { output }),
    ...(jobs === undefined ? {} : { jobs }),
    limits: readLimits(limit),
    verbose,
    signal,
    onProgress: (progress) => {
      if (progress.kind === 'fetch') return;
      if (progress.kind === 'warning') return terminal.warn(progress.text);
      if (progress.kind === 'output') {
        for (const line of progress.output) warnings.push(line);
        return;
      }
      terminal.progress(`${progress.done}/${progress.total}  ${progress.description}`);
      if (verbose) for (const line of [shellLine(progress.command), ...progress.output]) terminal.error(line);
      else for (const line of progress.output) warnings.push(line);
    },
  };
}

function warnOfEnvironment({ document }: Project, terminal: Terminal): void {
  if (document.value.envs.length === 0) return;
  const place = formatPosition(document.keyAt(['envs']));
  terminal.warn(`${place}: envs does nothing: no image is given an environment`);
}

async function packagePrebuilt(project: Project, { flags, terminal }: Context): Promise<Built> {
  const { image, initrd, warnings } = await packageKernel(kernelRequest(project, flags));
  warnOfEnvironment(project, terminal);
  for (const warning of warnings) terminal.warn(warning);
  terminal.done('Packaged', `${shownPath(image)}, as it was`);
  terminal.result({
    image: shownPath(image),
    ...(initrd === undefined ? {} : { initrd: shownPath(initrd) }),
  });
  return { image, ...(initrd === undefined ? {} : { initrd }) };
}

function kernelRequest(
  { document, directory }: Project,
  { arch, platform, type, output }: Context['flags'],
): KernelRequest {
  return {
    bunnyfile: document,
    directory,
    ...(arch === undefined ? {} : { arch: normaliseArchitecture(arch) }),
    ...(platform === undefined ? {} : { platform }),
    ...(type === undefined ? {} : { type }),
    ...(output === undefined ? {} : { output }),
  };
}

function targetText(arch: string, platform: string | undefined): string {
  return platform === undefined ? arch : `${arch}/${platform}`;
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
  return plan.steps.map(({ description, command }) => `${description}\n  ${shellLine(command)}`).join('\n');
}
