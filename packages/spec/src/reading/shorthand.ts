import {
  type Condition,
  type Dependencies,
  type Dependency,
  normaliseArchitecture,
  type Scalar,
} from '../documents/vocabulary.js';
import { present } from '../words/present.js';

/** The short forms that documents may use, and what they stand for. */

export type RawCondition = Readonly<Record<string, Scalar | readonly Scalar[]>>;

export interface RawDependency {
  version?: string;
  options?: Readonly<Record<string, Scalar>>;
  when?: RawCondition;
}

export type RawDependencies = Readonly<Record<string, string | RawDependency>>;

/** The same map with every value replaced. Keys are own properties, whatever they are called. */
export function mapValues<From, To>(
  map: Readonly<Record<string, From>> | undefined,
  replace: (value: From, key: string) => To,
): Record<string, To> {
  return Object.fromEntries(Object.entries(map ?? {}).map(([key, value]) => [key, replace(value, key)]));
}

/** One value or a list of them, as a list. */
export function list<T>(value: T | readonly T[] | undefined): readonly T[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value as T];
}

/** A text of words separated by blanks, or a list of words, as a list. */
export function words(value: string | readonly string[] | undefined): readonly string[] {
  if (typeof value !== 'string') return value ?? [];
  return value.split(/\s+/).filter((word) => word !== '');
}

/** Values of facts, architectures by their OCI names. */
export function facts(raw: Readonly<Record<string, Scalar>> | undefined): Record<string, Scalar> {
  return mapValues(raw, (value, name) => fact(name, value));
}

/** The value of one fact: an architecture by its OCI name, else as it is. */
export function fact(name: string, value: Scalar): Scalar {
  return name === 'arch' && typeof value === 'string' ? normaliseArchitecture(value) : value;
}

/** `{ when }` where there is a condition, else nothing, to be spread. */
export function when(raw: RawCondition | undefined): { when?: Condition } {
  if (raw === undefined) return {};
  const condition = mapValues(raw, (value, name) =>
    Array.isArray(value) ? value.map((one: Scalar) => fact(name, one)) : fact(name, value as Scalar),
  );
  return { when: condition };
}

/** Dependencies, written as ranges or as maps. */
export function dependencies(raw: RawDependencies | undefined): Dependencies {
  return mapValues(raw, (value): Dependency => {
    if (typeof value === 'string') return { version: value };
    const { version = '*', options } = value;
    return present({ version, options, ...when(value.when) });
  });
}

/** The named keys of an object that have a value, to be spread: what is left out stays left out. */
export function given<T extends object, K extends keyof T>(
  object: T,
  ...keys: K[]
): { [P in K]?: Exclude<T[P], undefined> } {
  return present(Object.fromEntries(keys.map((key) => [key, object[key]]))) as {
    [P in K]?: Exclude<T[P], undefined>;
  };
}
