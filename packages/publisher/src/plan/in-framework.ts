import type { Component, Condition, Scalar, ToolingRules } from 'bunny-libos-spec';
import { own, present } from 'bunny-libos-spec';
import type { LocalComponent } from './component-directory.js';

/**
 * A component that several frameworks share, as it is in one of them: of the settings and values that it names, what the
 * framework has. What it says for others is left out. One that is of a single framework comes back as it is: there a
 * name that does not exist is a mistake.
 */
export function inFramework(local: LocalComponent, rules: ToolingRules): LocalComponent {
  const { document } = local;
  if (document.value.frameworks === undefined) return local;
  return { ...local, document: { ...document, value: componentIn(document.value, rules) } };
}

function componentIn(component: Component, rules: ToolingRules): Component {
  const valuesOf = (setting: string): readonly Scalar[] =>
    setting === 'arch' || setting === 'platform'
      ? rules.targets.map((target) => target[setting])
      : (own(rules.settings, setting)?.values ?? []);
  const mayHold = (condition: Condition = {}): boolean =>
    Object.entries(condition).every(([name, wanted]) => {
      if (own(component.options, name) !== undefined) return true;
      const values: readonly Scalar[] = Array.isArray(wanted) ? wanted : [wanted as Scalar];
      return values.some((value) => valuesOf(name).includes(value));
    });
  const held = <T extends { when?: Condition }>(entries: readonly T[]): T[] =>
    entries.flatMap(({ when, ...entry }) =>
      mayHold(when) ? [{ ...entry, ...(when && { when: possible(when) }) } as T] : [],
    );
  const possible = (condition: Condition): Condition =>
    Object.fromEntries(
      Object.entries(condition).map(([name, wanted]) => [
        name,
        Array.isArray(wanted) && own(component.options, name) === undefined
          ? wanted.filter((value) => valuesOf(name).includes(value))
          : wanted,
      ]),
    );
  const affectedBy = component.affectedBy.filter((setting) => own(rules.settings, setting) !== undefined);
  const { options, only, ...settings } = component.matrix;
  return {
    ...component,
    affectedBy,
    dependencies: Object.fromEntries(
      Object.entries(component.dependencies)
        .filter(([, { when }]) => mayHold(when))
        .map(([name, dependency]) => [
          name,
          dependency.when === undefined ? dependency : { ...dependency, when: possible(dependency.when) },
        ]),
    ),
    sources: held(component.sources),
    objects: held(component.objects),
    include: held(component.include),
    scripts: held(component.scripts),
    ...present({ files: component.files && held(component.files) }),
    matrix: {
      ...Object.fromEntries(
        affectedBy.map((setting) => [
          setting,
          ((settings[setting] ?? []) as readonly Scalar[]).filter((value) =>
            valuesOf(setting).includes(value),
          ),
        ]),
      ),
      ...present({ options, only: only?.filter(mayHold).map(possible) }),
    },
  };
}
