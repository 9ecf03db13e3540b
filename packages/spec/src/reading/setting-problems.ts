import type { Bunnyfile } from '../documents/bunnyfile.js';
import type { Component, OptionDeclaration } from '../documents/component.js';
import type { SettingDeclaration, ToolingRules } from '../documents/tooling.js';
import type { Condition, Scalar } from '../documents/vocabulary.js';
import { suggestion } from '../words/nearest.js';
import { own } from '../words/own.js';
import { optionMismatch } from './option-values.js';
import { formatPath, type Path, type Problem } from './problem.js';

/**
 * What a component says of settings, held against the rules of its framework: conditions that could never hold,
 * as they name what does not exist, and rows of the matrix that no target could use. Without this a slip of the
 * pen would silently leave out files, dependencies or variants. BUNNY_ESETTING, BUNNY_EOPTION, BUNNY_EAFFECTED.
 */
export function componentSettingProblems(component: Component, rules: ToolingRules): Problem[] {
  const { dependencies, sources, objects, include, scripts, affectedBy, options, name, matrix } = component;
  const nobody = `${rules.framework} has no setting, and ${name} no option,`;
  const conditions = [
    ...Object.entries(dependencies).map(([dependency, { when }]) => ({
      when,
      path: ['dependencies', dependency],
    })),
    ...sources.map(({ when }, index) => ({ when, path: ['sources', index] })),
    ...objects.map(({ when }, index) => ({ when, path: ['objects', index] })),
    ...include.map(({ when }, index) => ({ when, path: ['include', index] })),
    ...scripts.map(({ when }, index) => ({ when, path: ['scripts', index] })),
    ...(component.files ?? []).map(({ when }, index) => ({ when, path: ['files', index] })),
  ].map(({ when, path }) => ({ when, path: [...path, 'when'] }));
  const only = (matrix.only ?? []).map((when, index) => ({ when, path: ['matrix', 'only', index] }));
  return [
    ...[...conditions, ...only].flatMap(({ when = {}, path }) =>
      conditionProblems(when, path, {
        settings: rules.settings,
        options,
        nobody,
        // A dependency is chosen with a closure, in which every setting has a value; files with the variant.
        affectedBy: path[0] === 'dependencies' ? undefined : affectedBy,
      }),
    ),
    ...matrixProblems(component, rules),
  ];
}

/** The conditions of a Bunnyfile's dependencies that name no setting or value of the framework: BUNNY_ESETTING. */
export function bunnyfileSettingProblems({ dependencies }: Bunnyfile, rules: ToolingRules): Problem[] {
  const known = { settings: rules.settings, options: {}, nobody: `${rules.framework} has no setting` };
  return Object.entries(dependencies).flatMap(([name, { when = {} }]) =>
    conditionProblems(when, ['dependencies', name, 'when'], known),
  );
}

/** What conditions can be about. */
export interface KnownFacts {
  settings: Readonly<Record<string, SettingDeclaration>>;
  options: Readonly<Record<string, OptionDeclaration>>;
  /** The settings that can be told apart where the condition stands; all where left out. */
  affectedBy?: readonly string[] | undefined;
  /** How the message about an unknown name begins: `warren has no setting`. */
  nobody: string;
}

/** Why a condition cannot hold, whatever is chosen. */
export function conditionProblems(condition: Condition, path: Path, known: KnownFacts): Problem[] {
  return Object.entries(condition).flatMap(([name, wanted]): Problem[] => {
    const place = [...path, name];
    const { settings, options, affectedBy } = known;
    const option = own(options, name);
    const setting = own(settings, name);
    if (option === undefined && setting === undefined) {
      const names = [...Object.keys(options), ...Object.keys(settings)];
      return [
        {
          code: 'BUNNY_ESETTING',
          message: `${formatPath(path)}: ${known.nobody} ${JSON.stringify(name)}`,
          path: place,
          onKey: true,
          hint: suggestion(name, names) ?? `known here: ${names.join(', ')}`,
        },
      ];
    }
    if (option === undefined && affectedBy !== undefined && !affectedBy.includes(name)) {
      return [
        {
          code: 'BUNNY_EAFFECTED',
          message: `${formatPath(path)}: the component is not affected by the setting ${JSON.stringify(name)}`,
          path: place,
          onKey: true,
          hint: `add ${name} to affectedBy and to the matrix`,
        },
      ];
    }
    const values: readonly Scalar[] = Array.isArray(wanted) ? wanted : [wanted as Scalar];
    return values.flatMap((value, index): Problem[] => {
      const at = Array.isArray(wanted) ? [...place, index] : place;
      const mismatch = option === undefined ? undefined : optionMismatch(option, value);
      if (mismatch !== undefined) {
        return [{ code: 'BUNNY_EOPTION', message: `${formatPath(at)}: ${mismatch}`, path: at }];
      }
      return option === undefined ? settingMismatch(value, setting?.values ?? [], at) : [];
    });
  });
}

function settingMismatch(value: Scalar, values: readonly Scalar[], path: Path): Problem[] {
  if (values.includes(value)) return [];
  const shown = values.map((each) => JSON.stringify(each)).join(', ');
  const near = typeof value === 'string' ? suggestion(value, values.map(String)) : undefined;
  const message = `${formatPath(path)}: ${JSON.stringify(value)} is not one of ${shown}`;
  return [{ code: 'BUNNY_ESETTING', message, path, hint: near }];
}

/** Pairs of values that no target has are left out of a matrix; a value that no target has is a mistake. */
function matrixProblems({ affectedBy, matrix }: Component, rules: ToolingRules): Problem[] {
  const names = Object.keys(rules.settings);
  return affectedBy.flatMap((name, index): Problem[] => {
    const declared = own(rules.settings, name)?.values;
    if (declared === undefined) {
      const message = `affectedBy[${index}]: ${rules.framework} has no setting ${JSON.stringify(name)}`;
      const hint = suggestion(name, names) ?? `it has ${names.join(', ')}`;
      return [{ code: 'BUNNY_ESETTING', message, path: ['affectedBy', index], hint }];
    }
    const values =
      name === 'arch' || name === 'platform'
        ? [...new Set(rules.targets.map((target) => target[name]))]
        : declared;
    const rows = (matrix[name] ?? []) as readonly Scalar[];
    return rows.flatMap((value, row) => settingMismatch(value, values, ['matrix', name, row]));
  });
}
