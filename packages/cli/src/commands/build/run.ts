import {
  type BuildPlan,
  build,
  type KernelRequest,
  packageKernel,
  prepareBuild,
  prepareKernel,
  type SizeReport,
} from 'bunny-libos-builder';
import { allOf, buildRequest, type ImageDestination, type Project } from 'bunny-libos-project';
import { exitStatus, normaliseArchitecture, shellLine } from 'bunny-libos-spec';
import type { TargetRules } from 'bunny-libos-tooling';
import { namedProject } from '../../project/named-project.js';
import { shownPath } from '../../terminal/shown-path.js';
import { table } from '../../terminal/table.js';
import { Transfers } from '../../terminal/transfers.js';
import { builtDocument, builtText, imagesIn } from './built.js';
import type { Context } from './command.js';
import { askedDestinations, deliver, imageWord } from './images.js';
import { builderOptions, isOci, lockFor, warnOfEnvironment } from './lock.js';

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
    const { locked, targets } = await lockFor(project, context);
    const options = await builderOptions(project, context, (progress) => {
      if (progress.kind === 'warning') terminal.warn(progress.text);
    });
    const plans = await allOf(
      targets.map(async (target) => (await prepareBuild(buildRequest(locked, target, options))).plan),
    );
    terminal.clear();
    for (const plan of plans) terminal.print(planText(plan));
    terminal.result(flags.all ? { plans } : plans[0]);
    return exitStatus.done;
  }
  // Its code is loaded by those who build several at once.
  if (flags.all && project.document.value.kernel === undefined) {
    return (await import('./all.js')).run(project, context, fetched);
  }
  await buildImage(project, context, fetched);
  return exitStatus.done;
}

/** Builds the image that the flags ask for and reports it. */
export async function buildImage(project: Project, context: Context, fetched: Transfers): Promise<Built> {
  const { terminal } = context;
  const destinations = askedDestinations(context.flags);
  if (project.document.value.kernel !== undefined) return packagePrebuilt(project, context, destinations);
  const { locked, targets } = await lockFor(project, context);
  const [target] = targets;
  if (target === undefined) throw new Error('a build has a target');
  const warnings: string[] = [];
  const options = await builderOptions(project, context, (progress) => {
    if (progress.kind === 'fetch') return;
    if (progress.kind === 'warning') return terminal.warn(progress.text);
    if (progress.kind === 'step') {
      terminal.progress(`${progress.done}/${progress.total}  ${progress.description}`);
      if (context.flags.verbose) {
        for (const line of [shellLine(progress.command), ...progress.output]) terminal.error(line);
        return;
      }
    }
    // What the compiler said; of a step that fails the error says it.
    for (const line of progress.output) warnings.push(line);
  });
  const result = await build(buildRequest(locked, target, options));
  terminal.clear();
  fetched.report('Fetched');
  for (const line of warnings) terminal.error(line);
  terminal.report(sizeTable(result.report));
  terminal.done('Built', builtText(project, result, target));
  const images = await deliver(project, context, imagesIn(result), destinations);
  terminal.result(builtDocument(result, target, images));
  const { image, initrd, rules } = result;
  return { image, ...(initrd === undefined ? {} : { initrd }), rules };
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
  const text =
    files.image === undefined
      ? imageWord(project, { ...facts, framework: undefined })
      : shownPath(files.image);
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
  project: Project,
  { arch, platform, type, output, offline }: Context['flags'],
): KernelRequest {
  const { document, directory, network } = project;
  return {
    bunnyfile: document,
    directory,
    ...(arch === undefined ? {} : { arch: normaliseArchitecture(arch) }),
    ...(platform === undefined ? {} : { platform }),
    types: type,
    openLayout: (layout) => network.open(layout),
    access: offline ? undefined : { network, store: () => project.store(), signal: project.signal },
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
