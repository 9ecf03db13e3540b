import { anything, nothing } from './candidate-set.js';
import type { Cause } from './cause.js';
import type { Package } from './package.js';
import type { Term } from './term.js';

/** Terms that no closure meets all at once, at most one for each package, by package number. */
export interface Incompatibility {
  terms: readonly Term[];
  cause: Cause | Derivation;
}

/** The rule of resolution, applied to two incompatibilities. */
export interface Derivation {
  kind: 'derived';
  left: Incompatibility;
  right: Incompatibility;
}

/**
 * An incompatibility from terms in any order, also several on one package: all of them must hold.
 * Undefined where they never all do. A term that always holds says nothing and is left out.
 */
export function incompatibility(terms: readonly Term[], cause: Cause): Incompatibility | undefined {
  const merged: Term[] = [];
  for (const term of [...terms].sort((a, b) => a.package.number - b.package.number)) {
    const last = merged.at(-1);
    if (last?.package === term.package) last.set &= term.set;
    else if (term.set !== anything) merged.push({ ...term });
  }
  return merged.some(({ set }) => set === nothing) ? undefined : { terms: merged, cause };
}

/**
 * The rule of resolution: what follows from both, whichever state the package is in. Terms on it are
 * united, all others intersected.
 */
export function resolvent(left: Incompatibility, right: Incompatibility, on: Package): Incompatibility {
  const terms: Term[] = [];
  const a = left.terms;
  const b = right.terms;
  for (let i = 0, j = 0; i < a.length || j < b.length; ) {
    const x = a[i];
    const y = b[j];
    if (y === undefined || (x !== undefined && x.package.number < y.package.number)) {
      terms.push(x as Term);
      i++;
    } else if (x === undefined || y.package.number < x.package.number) {
      terms.push(y);
      j++;
    } else {
      const set = x.package === on ? x.set | y.set : x.set & y.set;
      if (set !== anything) terms.push({ package: x.package, set });
      i++;
      j++;
    }
  }
  return { terms, cause: { kind: 'derived', left, right } };
}
