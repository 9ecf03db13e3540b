import type { ElfObject } from 'bunny-libos-elf';
import { compatibleLine, newestFirst } from 'bunny-libos-namespace';
import { BunnyError, exitStatus, nearest, shellLine } from 'bunny-libos-spec';
import type { EdgeResult } from 'bunny-libos-tooling';
import { ownerText } from '../image/object-owner.js';
import type { BuildPlan, LinkedObject, PlannedLayer } from '../plan/build-plan.js';
import type { Definers } from '../plan/build-request.js';
import type { FormerDefiners } from '../plan/former-definers.js';
import type { DefiningRequirement } from '../plan/inferred-requirements.js';
import { diagnoseLink, type LinkDiagnosis, type SymbolProblem } from './link-diagnosis.js';

export interface LinkFailureContext {
  plan: BuildPlan;
  /** Symbols that every app of this framework defines. */
  appDefines: readonly string[];
  readObject: (object: LinkedObject) => Promise<ElfObject>;
  definers?: Definers | undefined;
  formerDefiners?: FormerDefiners | undefined;
  rewrite: (line: string) => string;
  /** Tells the command, too: it names every object. */
  verbose: boolean;
}

/**
 * The error for a link that failed, in terms of components: which of them uses what nobody defines, which of
 * them define the same, and what to do; BUNNY_ELINK where the linker complained of no symbol that the objects have. Its
 * own words are among the details. BUNNY_EOBJECT where an object is damaged, which would explain all else.
 */
export async function linkFailure(failed: EdgeResult, context: LinkFailureContext): Promise<BunnyError> {
  const elves: { object: LinkedObject; elf: ElfObject }[] = [];
  for (const object of context.plan.objects) {
    elves.push({ object, elf: await context.readObject(object) });
  }
  const diagnosis = diagnoseLink(elves, failed.output);
  const words = [
    ...failed.output.map(context.rewrite),
    ...(context.verbose ? [`command: ${shellLine(failed.edge.command)}`] : []),
  ];
  const raw = ['', 'the linker:', ...words];
  if (diagnosis.undefined.length > 0) return await undefinedError(diagnosis, context, raw);
  if (diagnosis.duplicate.length > 0) return duplicateError(diagnosis, context, raw);
  return new BunnyError('BUNNY_ELINK', 'the image cannot be linked', {
    where: context.plan.name,
    hint: context.verbose
      ? 'read the linker’s message'
      : 'read the linker’s message; `bunny build -v` also prints the command',
    exitStatus: exitStatus.buildFailed,
    details: words,
  });
}

async function undefinedError(
  { undefined: problems, duplicate, defined }: LinkDiagnosis,
  context: LinkFailureContext,
  raw: readonly string[],
): Promise<BunnyError> {
  const symbols = problems.map(({ symbol }) => symbol);
  const definers =
    (await context.definers?.(symbols, 'symbols')) ?? new Map<string, readonly DefiningRequirement[]>();
  const unknown = symbols.filter((symbol) => (definers.get(symbol) ?? []).length === 0);
  const former = unknown.length === 0 ? undefined : await context.formerDefiners?.(unknown);
  const advice = problems.map((problem) => {
    const had = former?.get(problem.symbol);
    return had === undefined ? adviceFor(problem, defined, definers, context) : formerAdvice(had, context);
  });
  const isOne = new Set(advice).size === 1;
  const [first] = problems;
  return new BunnyError(
    'BUNNY_EUNDEFINED',
    problems.length === 1
      ? `nothing in the closure defines ${first?.symbol}`
      : `nothing in the closure defines ${problems.length} symbols`,
    {
      where: first?.objects[0] === undefined ? context.plan.name : ownerText(first.objects[0], context.plan),
      hint: [...new Set(advice)].slice(0, 3).join('; '),
      exitStatus: exitStatus.buildFailed,
      details: [
        ...problems.map(
          // What is the same for all of them is said once, as the way out.
          (problem, index) =>
            `${problem.symbol}: used by ${owners(problem, context)}${isOne ? '' : `: ${advice[index]}`}`,
        ),
        ...duplicate.map((problem) => `${problem.symbol}: defined by ${owners(problem, context)}`),
        ...raw,
      ],
    },
  );
}

/** `str 1.1.0 had it, and 1.2.0, which is there, has not: …` */
function formerAdvice(had: { name: string; version: string }, { plan }: LinkFailureContext): string {
  const { name, version } = had;
  const present = plan.layers.find((layer) => layer.name === name)?.version;
  return `${name} ${version} had it, ${present} no longer has it: do without it, or ask for \`${name}: ${version}\``;
}

function adviceFor(
  { symbol, objects }: SymbolProblem,
  defined: ReadonlySet<string>,
  definers: ReadonlyMap<string, readonly DefiningRequirement[]>,
  { appDefines, plan }: LinkFailureContext,
): string {
  if (appDefines.includes(symbol)) return `define ${symbol} in a source of the app`;
  const requirements = definers.get(symbol) ?? [];
  if (requirements.length > 0) {
    const texts = requirements.map(({ text }) => `\`${text}\``);
    const advice = `add ${texts.join(' or ')} to the dependencies of the Bunnyfile`;
    const present = plan.layers.find((layer) => requirements.some((each) => shouldDefine(layer, each)));
    if (present === undefined) return advice;
    const { name, version } = present;
    return `${advice}; where ${name} ${version}, which is there, should define it, run \`bunny cache verify\``;
  }
  const isOfApp = objects.some(({ owner }) => 'app' in owner);
  const near = nearest(symbol, defined);
  if (isOfApp && near.length > 0) return `did you mean ${near.join(' or ')}?`;
  return isOfApp
    ? `add the component that defines ${symbol} to the dependencies of the Bunnyfile, or define it in the app`
    : `define ${symbol} in the app, or add the component that defines it to the dependencies`;
}

/** A layer of the closure that meets the requirement, whatever its options, and yet does not define the symbol. */
function shouldDefine({ name, version }: PlannedLayer, requirement: DefiningRequirement): boolean {
  const isNewEnough =
    compatibleLine(version) === compatibleLine(requirement.version) &&
    newestFirst([version, requirement.version])[0] === version;
  return name === requirement.name && isNewEnough && Object.keys(requirement.options).length === 0;
}

function duplicateError(
  { duplicate: problems }: LinkDiagnosis,
  context: LinkFailureContext,
  raw: readonly string[],
): BunnyError {
  const [first] = problems;
  const isOfApp = problems.some(({ objects }) => objects.some(({ owner }) => 'app' in owner));
  return new BunnyError(
    'BUNNY_EDUPLICATE',
    problems.length === 1
      ? `${first?.symbol} is defined twice`
      : `${problems.length} symbols are defined twice`,
    {
      where: first === undefined ? context.plan.name : owners(first, context),
      hint: isOfApp
        ? 'rename it in the app, make it static, or leave out the component that defines it'
        : 'leave one of the components out, or choose versions or options that go together',
      exitStatus: exitStatus.buildFailed,
      details: [
        ...problems.map((problem) => `${problem.symbol}: defined by ${owners(problem, context)}`),
        ...raw,
      ],
    },
  );
}

function owners({ objects }: SymbolProblem, { plan }: LinkFailureContext): string {
  return [...new Set(objects.map((object) => ownerText(object, plan)))].join(' and ');
}
