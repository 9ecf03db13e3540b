import type { Component, OptionDeclaration } from '../documents/component.js';
import type { Options, Scalar } from '../documents/vocabulary.js';
import { suggestion } from '../words/nearest.js';
import { own } from '../words/own.js';
import { formatPath, type Path, type Problem } from './problem.js';

/** Why a value does not fit an option's declaration; undefined where it does. */
export function optionMismatch(declaration: OptionDeclaration, value: Scalar): string | undefined {
  const { type, values, minimum, maximum } = declaration;
  const shown = JSON.stringify(value);
  const fits = type === 'integer' ? Number.isSafeInteger(value) : typeof value === type;
  if (!fits) return `${shown} is not ${typeWords[type]}`;
  if (values !== undefined && !values.includes(value)) {
    return `${shown} is not one of ${values.map((allowed) => JSON.stringify(allowed)).join(', ')}`;
  }
  if (typeof value === 'number' && minimum !== undefined && value < minimum) {
    return `${shown} is less than the minimum, ${minimum}`;
  }
  if (typeof value === 'number' && maximum !== undefined && value > maximum) {
    return `${shown} is more than the maximum, ${maximum}`;
  }
  return undefined;
}

const typeWords = { boolean: 'true or false', integer: 'a whole number', string: 'a text' } as const;

/** What is wrong with the options and the matrix of a component: each BUNNY_EOPTION, or BUNNY_EDUPLICATE for a macro. */
export function optionProblems(component: Component): Problem[] {
  const { options, affectedBy, matrix } = component;
  return [
    ...Object.entries(options).flatMap(([name, declaration]) => declarationProblems(name, declaration)),
    ...macroProblems(component),
    ...(matrix.options ?? []).flatMap((row, index) =>
      rowProblems(options, row, ['matrix', 'options', index]),
    ),
    ...matrixProblems(affectedBy, Object.keys(matrix)),
  ];
}

function declarationProblems(name: string, declaration: OptionDeclaration): Problem[] {
  const path = ['options', name];
  const problems: Problem[] = [];
  const add = (step: string, message: string, hint?: string) => {
    const place = [...path, step];
    problems.push({
      code: 'BUNNY_EOPTION',
      message: `${formatPath(place)}: ${message}`,
      path: place,
      hint,
    });
  };
  const { type, values, minimum, maximum } = declaration;
  if (type !== 'integer' && minimum !== undefined) add('minimum', 'only an integer has a minimum');
  if (type !== 'integer' && maximum !== undefined) add('maximum', 'only an integer has a maximum');
  if (type === 'boolean' && values !== undefined) add('values', 'a boolean needs no list of values');
  if (minimum !== undefined && maximum !== undefined && minimum > maximum) {
    add('maximum', `is less than the minimum, ${minimum}`);
  }
  const { values: _, ...bounds } = declaration;
  for (const value of values ?? []) {
    const mismatch = optionMismatch(bounds, value);
    if (mismatch !== undefined) add('values', mismatch);
  }
  const mismatch = optionMismatch(declaration, declaration.default);
  if (mismatch !== undefined) add('default', mismatch);
  return problems;
}

/** A macro has one value: of two that set it, one would be without effect. */
function macroProblems({ options, defines, sources }: Component): Problem[] {
  const owners = new Map(Object.keys(defines).map((macro) => [macro, formatPath(['defines', macro])]));
  const taken = (macro: string, path: Path): Problem[] => {
    const owner = owners.get(macro);
    if (owner === undefined) return [];
    const message = `${formatPath(path)}: the macro ${macro} is set by ${owner} already`;
    return [{ code: 'BUNNY_EDUPLICATE', message, path, hint: 'give each a macro of its own' }];
  };
  const ofOptions = Object.entries(options).flatMap(([name, { define }]): Problem[] => {
    if (define === undefined) return [];
    const path = ['options', name, 'define'];
    const problems = taken(define, path);
    if (problems.length === 0) owners.set(define, formatPath(path));
    return problems;
  });
  // Entries of `sources` may set the same one: not for the same file, which is seen when files are known.
  const ofSources = sources.flatMap((entry, index) =>
    Object.keys(entry.defines ?? {}).flatMap((macro) => taken(macro, ['sources', index, 'defines', macro])),
  );
  return [...ofOptions, ...ofSources];
}

function rowProblems(
  declared: Readonly<Record<string, OptionDeclaration>>,
  row: Options,
  path: Path,
): Problem[] {
  return Object.entries(row).flatMap(([name, value]): Problem[] => {
    const place = [...path, name];
    const declaration = own(declared, name);
    if (declaration === undefined) {
      const names = Object.keys(declared);
      return [
        {
          code: 'BUNNY_EOPTION',
          message: `${formatPath(path)}: the component has no option ${JSON.stringify(name)}`,
          path: place,
          onKey: true,
          hint: suggestion(name, names) ?? 'declare it under `options`',
        },
      ];
    }
    const mismatch = optionMismatch(declaration, value);
    if (mismatch === undefined) return [];
    return [{ code: 'BUNNY_EOPTION', message: `${formatPath(place)}: ${mismatch}`, path: place }];
  });
}

function matrixProblems(affectedBy: readonly string[], rows: readonly string[]): Problem[] {
  const unused = rows.filter((name) => !['options', 'only'].includes(name) && !affectedBy.includes(name));
  const unvalued = affectedBy.filter((name) => !rows.includes(name));
  // Of two names that differ in a letter, the one that every framework has is no slip of the pen.
  const near = (name: string, others: readonly string[]) =>
    name === 'arch' || name === 'platform' ? undefined : suggestion(name, others);
  return [
    ...unused.map(
      (name): Problem => ({
        code: 'BUNNY_EOPTION',
        message: `matrix: the component is not affected by the setting ${JSON.stringify(name)}`,
        path: ['matrix', name],
        onKey: true,
        hint: near(name, unvalued) ?? 'name it in `affectedBy`, or leave it out here',
      }),
    ),
    ...unvalued.map((name): Problem => {
      const meant = near(name, unused);
      return {
        code: 'BUNNY_EOPTION',
        message: `matrix: no values for the setting ${JSON.stringify(name)}, which affects the component`,
        ...(meant === undefined
          ? { path: ['matrix'], onKey: true }
          : { path: ['affectedBy', affectedBy.indexOf(name)] }),
        hint: meant ?? `add a line \`${name}: [...]\`, or leave the setting out of \`affectedBy\``,
      };
    }),
  ];
}
