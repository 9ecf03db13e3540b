import type { Candidate } from './universe.js';

/** What the universe has to be asked before a search can go on. */
export class Need {
  readonly capabilities = new Set<string>();
  readonly components = new Set<string>();
  /** Component -> unread candidates. With what they turn out to be, the search begins anew. */
  readonly unread = new Map<string, readonly Candidate[]>();
  /** True where all names are wanted that the universe knows: to say what a misspelt one may have meant. */
  names = false;
  /** True where the search can go on without an answer too. */
  readonly isGuess: boolean;

  constructor(isGuess = false) {
    this.isGuess = isGuess;
  }

  /** Adds those of a component that are unread, each once. */
  read(component: string, listed: readonly { candidate: Candidate }[]): void {
    const unread = listed.flatMap(({ candidate }) => (candidate.unread === true ? [candidate] : []));
    if (unread.length === 0) return;
    this.unread.set(component, [...new Set([...(this.unread.get(component) ?? []), ...unread])]);
  }

  /** Takes an answer in. What fails for a guess fails again where it is needed, and only there it matters. */
  take(learn: () => void): void {
    try {
      learn();
    } catch (error) {
      if (!this.isGuess) throw error;
    }
  }
}
