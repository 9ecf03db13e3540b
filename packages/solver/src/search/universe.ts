/** A value that a setting or an option can take. */
export type Scalar = string | number | boolean;

/** Holds when every named fact has the value, or one of the values, given here. */
export type Condition = Readonly<Record<string, Scalar | readonly Scalar[]>>;

/** What is asked of a component or capability. */
export interface Requirement {
  /** A range as node-semver reads it. */
  version: string;
  options?: Readonly<Record<string, Scalar>> | undefined;
  /** Over the closure's settings and the options of the candidate that asks. */
  when?: Condition | undefined;
}

export type Requirements = Readonly<Record<string, Requirement>>;

/** One variant of one version of a component. */
export interface Candidate {
  name: string;
  version: string;
  /** The caller's name for it, unique among the candidates of this component (a layer hash). Decides ties. */
  id: string;
  /** The settings that it was built for; settings it does not name do not matter to it. */
  settings?: Readonly<Record<string, Scalar>> | undefined;
  options?: Readonly<Record<string, Scalar>> | undefined;
  dependencies?: Requirements | undefined;
  /** Capability -> version of the interface. At most one provider of a capability is in a closure. */
  provides?: Readonly<Record<string, string>> | undefined;
  /** Component or capability -> range that must not be in the same closure. */
  conflicts?: Readonly<Record<string, string>> | undefined;
  /** Only usable where `preferred` names it. */
  yanked?: boolean | undefined;
  /** How many of its options differ from their defaults: fewer is preferred. 0 where left out. */
  deviations?: number | undefined;
  /**
   * Stands for all candidates of its version that are not listed, or where its version is empty, for
   * all of the component that are not: nothing else is known of them yet. `Universe.read` tells. The
   * one that `preferred` names is not among them, nor is one of a version of the same precedence.
   */
  unread?: boolean | undefined;
}

/** Where candidates come from. Answers may be late, but must be the same every time they are asked for. */
export interface Universe {
  /** All candidates of a component, in any order, some of them unread if that is easier. Undefined where no such component exists. */
  candidates(name: string): readonly Candidate[] | undefined | Promise<readonly Candidate[] | undefined>;
  /** What is known of a capability. Undefined where the name is not a capability. */
  capability(name: string): Capability | undefined | Promise<Capability | undefined>;
  /**
   * All candidates of a component again, once it came out that these unread ones of it matter. They
   * may be unread once more only where they had no version; others may be known now too.
   */
  read?(unread: readonly Candidate[]): readonly Candidate[] | Promise<readonly Candidate[]>;
  /** A hint that these components will be asked for soon. */
  prefetch?(names: readonly string[]): void;
  /** All names of components and capabilities, where they are known: only to say what a misspelt one may have meant. */
  names?(): Iterable<string> | Promise<Iterable<string>>;
}

export interface Capability {
  /** Components that may provide it. */
  providers: readonly string[];
  /** The provider where nobody chooses another. */
  default?: string | undefined;
}

/** What the closure must satisfy. */
export interface Root {
  /** For messages: the name of the app. */
  name: string;
  requirements: Requirements;
  /** Components or capabilities that every closure needs: asked for by the tooling layer, not by the user. */
  base?: Requirements | undefined;
  /** Component -> what it must be if it is in the closure. Brings nothing in. */
  constraints?: Requirements | undefined;
  settings: Readonly<Record<string, Scalar>>;
  /** Explicit choices: capability -> component. */
  providers?: Readonly<Record<string, string>> | undefined;
  /**
   * Settings of the app's other closures, which the same requirements are for. Only where these are known is it
   * suggested to ask for something in some of them alone.
   */
  elsewhere?: readonly Readonly<Record<string, Scalar>>[] | undefined;
}

/** What a member of a closure costs: a whole number, and of an unread candidate no more than of any that it stands for. */
export type Cost = (candidate: Candidate) => number;

/** What is sought among all closures. */
export type Aim =
  /** A closure that has the component, if there is one, and has it as the most preferred candidate with which there is one. */
  | { best: string }
  /** A closure whose members together cost the least. */
  | { least: Cost };

export interface SolveOptions {
  /** `highest` where left out. */
  strategy?: 'highest' | 'lowest' | undefined;
  /** component -> candidate id: kept wherever the requirements allow (an existing lock). */
  preferred?: ReadonlyMap<string, string> | undefined;
  /** Decisions after which the search is given up. 1,000,000 where left out. */
  budget?: number | undefined;
  /** Steps of work after which it is given up: these bound the time, as decisions do not. 250,000,000 where left out. */
  work?: number | undefined;
  /** The most important first. What they leave open is decided in the usual order, but first on what `best` names. */
  aims?: readonly Aim[] | undefined;
  /** Components may need one another in a circle. Otherwise a circle is a failure: nothing could be built first. */
  allowCycles?: boolean | undefined;
}

/** One member of the closure. */
export interface Selected {
  candidate: Candidate;
  /** requirement name (component or capability) -> component in the closure that meets it. */
  dependencies: Readonly<Record<string, string>>;
}

export type Solution =
  | { solved: true; closure: ReadonlyMap<string, Selected> }
  | { solved: false; failure: Failure };

/** Why there is no solution. */
export interface Failure {
  kind: 'unsatisfiable' | 'budget';
  /** One sentence. */
  summary: string;
  /** A derivation of at most a dozen lines in the user's terms. They speak of one another by number, from 1: print the numbers. */
  lines: readonly string[];
  /** What the root asks for that has to do with it: names of its requirements and constraints, sorted. */
  asked: readonly string[];
  /** What to change: one instruction each. Empty where nothing small helps. */
  suggestions: readonly string[];
}
