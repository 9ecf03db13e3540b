import type { Cause } from './cause.js';
import type { ComponentPackage } from './component-package.js';
import type { Term } from './term.js';
import type { Candidate } from './universe.js';
import { providesIn, type Range, type VersionReader, versionIn } from './version.js';

type Refusal = (other: ComponentPackage) => void;

/**
 * What cannot stand what. A refusal does not bring in what it names: it is turned into
 * incompatibilities for components that are listed anyway, now or later.
 */
export class Refusals {
  readonly #versions: VersionReader;
  readonly #add: (terms: readonly Term[], cause: Cause) => void;
  /** Components by their names and by the capabilities that they provide. */
  readonly #listed = new Map<string, ComponentPackage[]>();
  readonly #refusals = new Map<string, Refusal[]>();

  constructor(versions: VersionReader, add: (terms: readonly Term[], cause: Cause) => void) {
    this.#versions = versions;
    this.#add = add;
  }

  /** `provided`: the capabilities that some candidate of the component provides. */
  list(component: ComponentPackage, provided: ReadonlySet<string>): void {
    for (const name of provided.has(component.name) ? provided : [component.name, ...provided]) {
      append(this.#listed, name, component);
      for (const refuse of this.#refusals.get(name) ?? []) refuse(component);
    }
  }

  /** Takes in that some candidates of a component conflict with a range of a component or capability. */
  refuse(component: ComponentPackage, name: string, text: string): void {
    const range = this.#versions.range(text);
    const set = component.index.refusing(name, text);
    const refuse = (other: ComponentPackage) => {
      if (other === component) return;
      const otherSet = other.refused(name, range);
      const cause = { kind: 'conflict', component, set, name, range: text, other, otherSet } as const;
      this.#add(
        [
          { package: component, set },
          { package: other, set: otherSet },
        ],
        cause,
      );
    };
    for (const other of this.#listed.get(name) ?? []) refuse(other);
    append(this.#refusals, name, refuse);
  }
}

/** True where a candidate of a component is in a range of a component or capability. */
export function isRefused(
  other: ComponentPackage,
  { version, provides }: Candidate,
  name: string,
  range: Range,
): boolean {
  return (other.name === name && versionIn(version, range)) || providesIn(provides, name, range);
}

function append<T>(lists: Map<string, T[]>, name: string, item: T): void {
  const list = lists.get(name);
  if (list === undefined) lists.set(name, [item]);
  else list.push(item);
}
