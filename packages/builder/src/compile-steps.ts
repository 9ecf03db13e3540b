import { compileCommand, generatorCommand, type generatorsOf, languageOf } from '@bunny/tooling';
import type { AppSource } from './app-sources.js';
import type { PlanInputs, Step } from './build-plan.js';
import { closureInputFiles, closureInputs } from './closure-inputs.js';
import { inWork, planFiles } from './sandbox-paths.js';

/** The step that compiles a source of the app, and its object. */
export function compileStep(
  { name, rules, app }: PlanInputs,
  source: AppSource,
  includes: readonly string[],
): { path: string; object: string; step: Step } {
  const object = inWork(`app/${source.path}.o`);
  const depfile = `${object}.d`;
  const command = compileCommand(rules, source.language, {
    in: source.path,
    out: object,
    depfile,
    includes: [...app.include, ...includes],
    defines: app.defines,
    flags: app.flags,
    name,
  });
  const step: Step = {
    kind: 'compile',
    command,
    inputs: [source.path],
    implicit: [inWork(planFiles.digests)],
    outputs: [object],
    ...(rules.rules.languages[source.language]?.depfile === undefined ? {} : { depfile }),
    description: `compile ${source.path}`,
  };
  return { path: source.path, object, step };
}

/** The steps that make one object from the list of what is in the closure. */
export function generateSteps(
  { name, rules }: PlanInputs,
  generator: ReturnType<typeof generatorsOf>[number],
  includes: readonly string[],
): { generator: string; object: string; steps: Step[] } {
  const output = inWork(`generated/${generator.output}`);
  const isObject = generator.output.endsWith('.o');
  const language = isObject ? undefined : languageOf(rules.rules, generator.output, rules.where);
  const includeFlag =
    (language === undefined ? undefined : rules.rules.languages[language]?.includeFlag) ?? '-I';
  const generate: Step = {
    kind: 'generate',
    command: generatorCommand(rules, generator, {
      ...closureInputs(name),
      out: output,
      includes,
      includeFlag,
    }),
    inputs: closureInputFiles,
    implicit: [inWork(planFiles.digests)],
    outputs: [output],
    description: `generate ${generator.output}`,
  };
  if (language === undefined) return { generator: generator.name, object: output, steps: [generate] };
  const object = `${output}.o`;
  const depfile = `${object}.d`;
  const compile: Step = {
    kind: 'compile',
    command: compileCommand(rules, language, {
      in: output,
      out: object,
      depfile,
      includes,
      defines: {},
      flags: [],
      name,
    }),
    inputs: [output],
    implicit: [inWork(planFiles.digests)],
    outputs: [object],
    ...(rules.rules.languages[language]?.depfile === undefined ? {} : { depfile }),
    description: `compile ${generator.output}`,
  };
  return { generator: generator.name, object, steps: [generate, compile] };
}
