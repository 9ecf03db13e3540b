import type { Asker } from './asker.js';
import type { CandidateSet } from './candidate-set.js';
import type { Package } from './package.js';

/** Part of an incompatibility: the package is in one of these states. */
export interface Term {
  package: Package;
  set: CandidateSet;
}

/** The asker as part of an incompatibility; what the root asks holds always. */
export function asks(asker: Asker): Term[] {
  return asker.kind === 'component' ? [{ package: asker.component, set: asker.set }] : [];
}
