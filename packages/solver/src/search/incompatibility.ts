import { anything, nothing } from './candidate-set.js';
import type { Cause } from './cause.js';
import type { Term } from './term.js';

/** Terms that no closure meets all at once, at most one for each package, by package number. */
export interface Incompatibility {
  terms: readonly Term[];
  cause: Cause | Derivation;
}

/** Follows from these by the rule of resolution: the first combined with the second, the result with the third, and so on. */
export interface Derivation {
  kind: 'derived';
  from: readonly Incompatibility[];
}

/**
 * An incompatibility from terms in any order, also several on one package: all of them must hold.
 * Undefined where they never all do. A term that always holds says nothing and is left out.
 */
export function incompatibility(terms: readonly Term[], cause: Cause): Incompatibility | undefined {
  const merged: Term[] = [];
  const sorted = terms.length < 2 ? terms : [...terms].sort((a, b) => a.package.number - b.package.number);
  for (const term of sorted) {
    const last = merged.at(-1);
    if (last?.package === term.package) merged.splice(-1, 1, { ...term, set: last.set & term.set });
    else if (term.set !== anything) merged.push(term);
  }
  return merged.some(({ set }) => set === nothing) ? undefined : { terms: merged, cause };
}
