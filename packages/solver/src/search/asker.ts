import type { CandidateSet } from './candidate-set.js';
import type { ComponentPackage } from './component-package.js';

/** Who asks: the user, the tooling layer, or some candidates of a component. */
export type Asker =
  | { kind: 'root' }
  | { kind: 'base' }
  | { kind: 'component'; component: ComponentPackage; set: CandidateSet };
