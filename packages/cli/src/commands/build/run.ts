import {
  type BuildPlan,
  build,
  prepareBuild,
  requireReproducible,
  type SizeReport,
} from 'bunny-libos-builder';
import { allOf, buildRequest, type Project, requireRoomForImages } from 'bunny-libos-project';
import { exitStatus, shellLine } from 'bunny-libos-spec';
import { namedProject } from '../../project/named-project.js';
import { table } from '../../terminal/table.js';
import { Transfers } from '../../terminal/transfers.js';
import { type Built, builtDocument, builtText, imagesIn } from './built.js';
import type { Context } from './command.js';
import { askedDestinations } from './images.js';
import { builderOptions, lockFor } from './lock.js';

/** `bunny build`: status 5 where the image cannot be made. */
export async function run(context: Context): Promise<number> {
  const { flags, terminal } = context;
  const fetched = new Transfers(terminal);
  const project = await namedProject(context, fetched);
  if (flags.dryRun) {
    // What a build would refuse, its plan refuses too.
    const destinations = askedDestinations(flags);
    if (isPrebuilt(project)) return (await prebuilt()).planPrebuilt(project, context);
    const { locked, targets } = await lockFor(project, context);
    for (const destination of destinations) requireRoomForImages(destination, targets.length);
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
  if (flags.all && !isPrebuilt(project)) {
    return (await import('./all.js')).run(project, context, fetched);
  }
  await buildImage(project, context, fetched);
  return exitStatus.done;
}

/** Builds the image that the flags ask for and reports it. */
export async function buildImage(project: Project, context: Context, fetched: Transfers): Promise<Built> {
  const { terminal } = context;
  const destinations = askedDestinations(context.flags);
  if (isPrebuilt(project)) {
    if (context.flags.verifyReproducible)
      terminal.note('nothing to build twice: the kernel is packaged as it is');
    return (await prebuilt()).packagePrebuilt(project, context, destinations);
  }
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
  const request = buildRequest(locked, target, options);
  const result = await build(request);
  terminal.clear();
  fetched.report('Fetched');
  for (const line of warnings) terminal.error(line);
  terminal.report(sizeTable(result.report));
  terminal.done('Built', builtText(project, result, target));
  if (context.flags.verifyReproducible) {
    terminal.progress('building once more elsewhere');
    const same = await requireReproducible(request, result);
    terminal.clear();
    terminal.done('Reproduced', `${same.join(', ')}: the same bytes`);
  }
  const images =
    destinations.length === 0
      ? []
      : await (await import('./deliver.js')).deliver(project, context, imagesIn(result), destinations);
  terminal.result(builtDocument(result, target, images));
  const { image, initrd, rules } = result;
  return { image, initrd, rules };
}

function isPrebuilt({ document }: Project): boolean {
  return document.value.kernel !== undefined;
}

/** Its code is loaded by those who package one. */
function prebuilt() {
  return import('./prebuilt.js');
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
