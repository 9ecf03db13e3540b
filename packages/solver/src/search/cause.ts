import type { Asker } from './asker.js';
import type { CandidateSet } from './candidate-set.js';
import type { CapabilityPackage, CapabilityRequest } from './capability-package.js';
import type { ComponentPackage } from './component-package.js';
import type { Request } from './request.js';

/** One fact of the universe or the root, from which an incompatibility follows. */
export type Cause =
  /** The asker needs the component as one of `allowed`. */
  | { kind: 'component'; asker: Asker; request: Request; on: ComponentPackage; allowed: CandidateSet }
  /** The asker needs the capability from one of `allowed`. */
  | { kind: 'capability'; asker: Asker; request: Request; on: CapabilityPackage; allowed: CandidateSet }
  /** What the asker needs of the capability, its provider has only as one of `allowed`. */
  | {
      kind: 'service';
      asker: Asker;
      request: Request;
      capability: CapabilityPackage;
      provider: ComponentPackage;
      allowed: CandidateSet;
    }
  /** The root wants the component, if it is in the closure, to be one of `allowed`. */
  | { kind: 'constraint'; request: Request; on: ComponentPackage; allowed: CandidateSet }
  /** Choosing the provider brings it in, as one of `allowed`: those that provide the capability. */
  | { kind: 'provider'; capability: CapabilityPackage; provider: ComponentPackage; allowed: CandidateSet }
  /** A component that provides the capability is its one provider. */
  | { kind: 'provides'; capability: CapabilityPackage; provider: ComponentPackage; set: CandidateSet }
  /** The user chose the provider. */
  | { kind: 'choice'; capability: CapabilityPackage; provider: string }
  /** Candidates of one component that say they cannot stand some of another. */
  | {
      kind: 'conflict';
      component: ComponentPackage;
      set: CandidateSet;
      name: string;
      range: string;
      other: ComponentPackage;
      otherSet: CandidateSet;
    }
  /** It is not what is aimed at. Only where closures are compared, never where there is none: nobody is told. */
  | { kind: 'limit' }
  /** Each step needs the next one, and the last the first. */
  | { kind: 'cycle'; path: readonly string[] }
  /** Nobody chooses a provider, but one component only is able to provide all that is asked. */
  | {
      kind: 'only';
      capability: CapabilityPackage;
      provider: ComponentPackage;
      allowed: CandidateSet;
      asked: readonly CapabilityRequest[];
    }
  /** Any of the providers would do, and nothing says which. */
  | {
      kind: 'ambiguous';
      capability: CapabilityPackage;
      providers: readonly string[];
      /** One of those who ask for it. */
      asker: Asker;
      request: Request;
    };
