import type { Template } from 'bunny-libos-spec';
import type { TargetRules } from './rules.js';
import { expandTemplate } from './template.js';

/** What a compiler is told beside a component's flags where its debug information is wanted. Throws BUNNY_ETEMPLATE. */
export function typeFlags(target: TargetRules): string[] | undefined {
  return expand(target, 'flags', {});
}

/**
 * The words that describe the types in objects. `includes`: the directories of the component's public headers, as they
 * are: no compiler reads them. Undefined, as the others here, where the framework does not say how.
 * Throws BUNNY_ETEMPLATE.
 */
export function describeTypesCommand(
  target: TargetRules,
  inputs: { objects: readonly string[]; includes: readonly string[]; out: string },
): string[] | undefined {
  return expand(target, 'describe', { ...inputs, out: [inputs.out] });
}

/** The words that compare two descriptions, by their paths. Throws BUNNY_ETEMPLATE. */
export function compareTypesCommand(
  target: TargetRules,
  before: string,
  after: string,
): string[] | undefined {
  return expand(target, 'compare', { in: [before, after] });
}

function expand(
  { rules: { types }, variables, where }: TargetRules,
  part: 'flags' | 'describe' | 'compare',
  values: Readonly<Record<string, readonly string[]>>,
): string[] | undefined {
  const template: Template | undefined = types?.[part];
  if (template === undefined) return undefined;
  return expandTemplate(
    template,
    { values: new Map(Object.entries(values)), variables },
    `${where}: types.${part}`,
  );
}
