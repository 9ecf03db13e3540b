import { artifactTypes, type ToolingRules, type ToolingTarget } from '../documents/tooling.js';
import { suggestion } from '../words/nearest.js';
import type { Path, Problem } from './problem.js';
import { conditionProblems } from './setting-problems.js';
import { list, type RawCondition, when } from './shorthand.js';
import type { RawRules } from './tooling-rules.js';

/**
 * What is asked of tooling.yaml beyond what is asked of published rules, which later versions of Bunny may have
 * written: conditions that could hold (BUNNY_ESETTING), artifact types that exist (BUNNY_EARTIFACT), symbols that
 * an object can define (BUNNY_ENAME). `raw` has the places of conditions.
 */
export function toolingSourceProblems(rules: ToolingRules, raw: RawRules): Problem[] {
  const known = { settings: rules.settings, options: {}, nobody: `${rules.framework} has no setting` };
  const problemsOf = (step: { when?: RawCondition }, path: Path) =>
    conditionProblems(when(step.when).when ?? {}, [...path, 'when'], known);
  return [
    ...Object.entries(raw.variables ?? {}).flatMap(([name, choices]) =>
      list(choices).flatMap((choice, index) =>
        typeof choice === 'string' ? [] : problemsOf(choice, ['variables', name, index]),
      ),
    ),
    ...raw.targets.flatMap(({ base = {}, generate = [], postLink = [] }, index) => [
      ...Object.entries(base).flatMap(([name, needed]) =>
        typeof needed === 'string' ? [] : problemsOf(needed, ['targets', index, 'base', name]),
      ),
      ...generate.flatMap((step, each) => problemsOf(step, ['targets', index, 'generate', each])),
      ...postLink.flatMap((step, each) => problemsOf(step, ['targets', index, 'postLink', each])),
    ]),
    ...rules.targets.flatMap((target, index) => targetProblems(target, ['targets', index])),
  ];
}

function targetProblems(target: ToolingTarget, path: Path): Problem[] {
  const { artifacts, appDefines, linkDefines = [], generate } = target;
  return [
    ...artifacts.flatMap((type, index): Problem[] => {
      if (artifactTypes.includes(type)) return [];
      const message = `there is no artifact type ${JSON.stringify(type)}`;
      const hint = suggestion(type, artifactTypes) ?? `choose one of ${artifactTypes.join(', ')}`;
      return [{ code: 'BUNNY_EARTIFACT', message, path: [...path, 'artifacts', index], hint }];
    }),
    ...symbolProblems(appDefines, [...path, 'appDefines']),
    ...symbolProblems(linkDefines, [...path, 'linkDefines']),
    ...generate.flatMap(({ defines }, each) =>
      symbolProblems(defines, [...path, 'generate', each, 'defines']),
    ),
  ];
}

function symbolProblems(symbols: readonly string[], path: Path): Problem[] {
  return symbols.flatMap((symbol, index): Problem[] => {
    if (/^\S+$/.test(symbol)) return [];
    const message = `${JSON.stringify(symbol)} cannot be the name of a symbol`;
    const hint = 'write each symbol as an item of its own';
    return [{ code: 'BUNNY_ENAME', message, path: [...path, index], hint }];
  });
}
