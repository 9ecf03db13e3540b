import { own } from '../words/own.js';

/** A value that a setting or an option can take. */
export type Scalar = string | number | boolean;

/** Closure-wide facts: `arch`, `platform` and what a framework adds. */
export type Settings = Readonly<Record<string, Scalar>>;

/** Facts of one component. */
export type Options = Readonly<Record<string, Scalar>>;

/**
 * Holds when every named setting (or option) has the value, or one of the values, given here.
 * An empty condition always holds.
 */
export type Condition = Readonly<Record<string, Scalar | readonly Scalar[]>>;

/** True when `facts` meets every line of `condition`. */
export function holds(condition: Condition | undefined, facts: Readonly<Record<string, Scalar>>): boolean {
  if (condition === undefined) return true;
  return Object.entries(condition).every(([name, wanted]) => {
    const value = own(facts, name);
    return value !== undefined && (Array.isArray(wanted) ? wanted.includes(value) : wanted === value);
  });
}

/** What one component asks of another component or of a capability. */
export interface Dependency {
  /** A range as node-semver reads it. */
  version: string;
  /** Options that the component must have been built with. */
  options?: Options;
  /** The dependency exists only where this holds, over settings and the depending component's options. */
  when?: Condition;
}

export type Dependencies = Readonly<Record<string, Dependency>>;

const architectureAliases: ReadonlyMap<string, string> = new Map([
  ['amd64', 'amd64'],
  ['x86_64', 'amd64'],
  ['x86-64', 'amd64'],
  ['x86', 'amd64'],
  ['x64', 'amd64'],
  ['arm64', 'arm64'],
  ['aarch64', 'arm64'],
  ['riscv64', 'riscv64'],
  ['riscv64gc', 'riscv64'],
]);

/** The OCI name of an architecture; an unknown name comes back as it is. */
export function normaliseArchitecture(name: string): string {
  return architectureAliases.get(name.toLowerCase()) ?? name;
}
