import {
  type BuildPlan,
  type BuildRequest,
  type BuildResult,
  build,
  type KernelRequest,
  packageKernel,
  prepareBuild,
  prepareKernel,
  type SizeReport,
} from 'bunny-libos-builder';
import {
  buildRequest,
  type ImageDestination,
  lockDigest,
  lockForBuild,
  type Project,
} from 'bunny-libos-project';
import { exitStatus, formatBytes, formatPosition, normaliseArchitecture, shellLine } from 'bunny-libos-spec';
import { readLimits, type TargetRules } from 'bunny-libos-tooling';
import { lockProject } from '../../project/locking.js';
import { namedProject } from '../../project/named-project.js';
import { count, timeSinceStart } from '../../terminal/quantities.js';
import { shownPath } from '../../terminal/shown-path.js';
import { table } from '../../terminal/table.js';
import type { Terminal } from '../../terminal/terminal.js';
import { Transfers } from '../../terminal/transfers.js';
import type { Context } from './command.js';
import { askedDestinations, deliver, imageWord } from './images.js';

/** An image on disk, and how it boots (not known of a prebuilt kernel). */
export interface Built {
  image: string;
  initrd?: string | undefined;
  rules?: TargetRules | undefined;
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
      if (!isOci(flags)) warnOfEnvironment(project, terminal);
      for (const warning of warnings) terminal.warn(warning);
      terminal.print(`package ${kernel.path} for ${targetText(arch, platform)}, as it is`);
      terminal.result({ kernel: kernel.path, arch, ...(platform === undefined ? {} : { platform }) });
      return exitStatus.done;
    }
    const { plan } = await prepareBuild(await requestBuild(project, context));
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
  const destinations = askedDestinations(context.flags);
  if (project.document.value.kernel !== undefined) return packagePrebuilt(project, context, destinations);
  const warnings: string[] = [];
  const result = await build(await requestBuild(project, context, warnings));
  terminal.clear();
  fetched.report('Fetched');
  for (const line of warnings) terminal.error(line);
  const { plan, rules, files, image, initrd, record, sizes, manifest, report, ran } = result;
  terminal.report(sizeTable(report));
  terminal.done(
    'Built',
    `${builtText(result, project)} (${formatBytes(report.image)}) in ${timeSinceStart()}` +
      (ran === 0 ? ', nothing had changed' : `, ${count(ran, 'step')} run`),
  );
  const { name, arch, platform } = plan;
  const built = manifest === undefined ? [] : [{ name, arch, platform, digest: manifest }];
  const images = await deliver(project, context, built, destinations);
  terminal.result({
    name,
    arch,
    platform,
    ...(files.image === undefined ? {} : { image: shownPath(image) }),
    ...(initrd === undefined ? {} : { initrd: shownPath(initrd) }),
    record: shownPath(record),
    sizes: shownPath(sizes),
    ...(manifest === undefined ? {} : { manifest, images }),
    report,
    ran,
  });
  return { image, ...(initrd === undefined ? {} : { initrd }), rules };
}

function builtText({ files, plan }: BuildResult, project: Project): string {
  return files.image === undefined ? imageWord(project, plan) : shownPath(files.image);
}

/** `warnings` takes what the compiler said; of a step that fails the error says it. */
async function requestBuild(
  project: Project,
  context: Context,
  warnings: string[] = [],
): Promise<BuildRequest> {
  const { flags, terminal } = context;
  const { arch, platform, type, tag: _, push: __, output, jobs, limit, verbose = false, ...rest } = flags;
  if (!isOci(flags)) warnOfEnvironment(project, terminal);
  const asked = {
    ...rest,
    arch: arch === undefined ? undefined : [arch],
    platform: platform === undefined ? undefined : [platform],
  };
  const locked = await lockProject(project, { ...context, flags: asked }, lockForBuild(project));
  if (locked.changed && !flags.dryRun) {
    terminal.done('Resolved', `anew, wrote ${shownPath(project.lockFile)}`);
  }
  return buildRequest(locked, {
    types: type,
    ...(isOci(flags) && { lock: await lockDigest(project) }),
    output,
    jobs,
    limits: readLimits(limit),
    verbose,
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
  });
}

function isOci({ type = [] }: Context['flags']): boolean {
  return type.includes('oci');
}

function warnOfEnvironment({ document }: Project, terminal: Terminal): void {
  if (document.value.envs.length === 0) return;
  const place = formatPosition(document.keyAt(['envs']));
  terminal.warn(`${place}: envs does nothing: no image is given an environment`);
}

async function packagePrebuilt(
  project: Project,
  context: Context,
  destinations: readonly ImageDestination[],
): Promise<Built> {
  const { flags, terminal } = context;
  const { files, image, initrd, manifest, facts, warnings } = await packageKernel(
    kernelRequest(project, flags),
  );
  if (!isOci(flags)) warnOfEnvironment(project, terminal);
  for (const warning of warnings) terminal.warn(warning);
  const text = files.image === undefined ? imageWord(project, facts) : shownPath(files.image);
  terminal.done('Packaged', `${text}, as it was`);
  const { name, arch, platform } = facts;
  const built = manifest === undefined ? [] : [{ name, arch, platform, digest: manifest }];
  const images = await deliver(project, context, built, destinations);
  terminal.result({
    ...(files.image === undefined ? {} : { image: shownPath(image) }),
    ...(initrd === undefined ? {} : { initrd: shownPath(initrd) }),
    ...(manifest === undefined ? {} : { manifest, images }),
  });
  return { image, ...(initrd === undefined ? {} : { initrd }) };
}

function kernelRequest(
  { document, directory, network }: Project,
  { arch, platform, type, output }: Context['flags'],
): KernelRequest {
  return {
    bunnyfile: document,
    directory,
    ...(arch === undefined ? {} : { arch: normaliseArchitecture(arch) }),
    ...(platform === undefined ? {} : { platform }),
    types: type,
    openLayout: (layout) => network.open(layout),
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
