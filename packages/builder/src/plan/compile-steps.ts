import type { Generator } from 'bunny-libos-spec';
import { compileCommand, generatorCommand, languageOf } from 'bunny-libos-tooling';
import type { PlanInputs, Step } from './build-plan.js';
import { closureInputFiles, closureInputs } from './closure-inputs.js';
import { generatedHeaders, inPlan, inWork, planFiles } from './sandbox-paths.js';

/** What compiles to one object. */
interface Compilation {
  source: string | readonly string[];
  language: string;
  object: string;
  includes: readonly string[];
  /** Headers that must have been made first. */
  headers: readonly string[];
  /** Of the app; of what is generated there are none. */
  defines?: PlanInputs['app']['defines'] | undefined;
  flags?: readonly string[] | undefined;
  description: string;
}

/** What of an app one command compiles to one object. */
export interface AppUnit {
  /** As people know it. */
  what: string;
  language: string;
  source: string | readonly string[];
  /** Name of the object, without its ending. */
  object: string;
}

/** The units of an app: each source, but where a language takes all of its sources at once, these together. */
export function appUnits({ sources, rules }: PlanInputs): AppUnit[] {
  const isWhole = (language: string) => rules.rules.languages[language]?.unit === 'app';
  const whole = new Set(sources.map(({ language }) => language).filter(isWhole));
  return [
    ...sources.flatMap(({ path, language }) =>
      whole.has(language) ? [] : [{ what: path, language, source: path, object: `app/${path}` }],
    ),
    ...[...whole].sort().map((language) => ({
      what: `the ${language} sources`,
      language,
      source: sources.flatMap((each) => (each.language === language ? each.path : [])),
      object: `units/${language}`,
    })),
  ];
}

/** The step that compiles a unit of the app, and its object. */
export function compileStep(
  inputs: PlanInputs,
  unit: AppUnit,
  includes: readonly string[],
  headers: readonly string[],
): { path: string; object: string; step: Step } {
  const { include, defines, flags } = inputs.app;
  const { what, language, source } = unit;
  const object = inWork(`${unit.object}.o`);
  const step = stepOf(inputs, {
    source,
    language,
    object,
    includes: [...include, ...includes],
    headers,
    defines,
    flags,
    description: `compile ${what}`,
  });
  return { path: what, object, step };
}

/** The step that makes a header from the list of what is in the closure. */
export function headerStep(
  { name, rules }: PlanInputs,
  generator: Generator,
  includes: readonly string[],
): { header: string; step: Step } {
  const header = `${generatedHeaders}/${generator.output}`;
  const command = generatorCommand(rules, generator, { ...closureInputs(name), out: header, includes });
  return { header, step: generateStep(generator, command, header) };
}

/** The steps that make one object from the list of what is in the closure. */
export function generateSteps(
  inputs: PlanInputs,
  generator: Generator,
  includes: readonly string[],
  headers: readonly string[],
): { generator: string; object: string; steps: Step[] } {
  const { name, rules } = inputs;
  const output = inWork(`generated/${generator.output}`);
  const isObject = generator.output.endsWith('.o');
  const language = isObject ? undefined : languageOf(rules.rules, generator.output, rules.where);
  const command = generatorCommand(rules, generator, {
    ...closureInputs(name),
    out: output,
    includes,
    language,
  });
  const generate = generateStep(generator, command, output, headers);
  if (language === undefined) return { generator: generator.name, object: output, steps: [generate] };
  const object = `${output}.o`;
  const description = `compile ${generator.output}`;
  const compile = stepOf(inputs, { source: output, language, object, includes, headers, description });
  return { generator: generator.name, object, steps: [generate, compile] };
}

function generateStep(
  { output }: Generator,
  command: readonly string[],
  out: string,
  headers: readonly string[] = [],
): Step {
  return {
    kind: 'generate',
    command,
    inputs: closureInputFiles,
    implicit: [inPlan(planFiles.digests), ...headers],
    outputs: [out],
    description: `generate ${output}`,
  };
}

function stepOf({ name, rules }: PlanInputs, compilation: Compilation): Step {
  const { source, language, object, includes, headers, defines = {}, flags = [], description } = compilation;
  const depfile = `${object}.d`;
  return {
    kind: 'compile',
    command: compileCommand(rules, language, {
      in: source,
      out: object,
      depfile,
      includes,
      defines,
      flags,
      name,
    }),
    inputs: [source].flat(),
    implicit: [inPlan(planFiles.digests), ...headers],
    outputs: [object],
    depfile: rules.rules.languages[language]?.depfile === undefined ? undefined : depfile,
    description,
  };
}
