import type { InferredRequirement } from 'bunny-libos-builder';

/** What a command asks of a project, and whom it tells how that goes. */
export interface Use<Asked> {
  flags: Asked;
  terminal: Told;
  signal: AbortSignal;
  /** Is told what an app turned out to depend on, as soon as that is written out. */
  onInferred?: ((requirements: readonly InferredRequirement[], file: string) => void) | undefined;
}

/** Who is told how it goes: a terminal, or nobody. */
export interface Told {
  /** What is going on now. */
  progress(text: string): void;
  note(text: string): void;
  warn(text: string): void;
}
