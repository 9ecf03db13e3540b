export type Phase = 'connect' | 'headers' | 'idle';

/** One timer for the phase that an exchange is in. */
export class PhaseClock {
  readonly #expired: (phase: Phase) => void;
  #timer: NodeJS.Timeout | undefined;
  #phase: Phase | undefined;

  constructor(expired: (phase: Phase) => void) {
    this.#expired = expired;
  }

  start(phase: Phase, milliseconds: number): void {
    if (this.#phase === phase && this.#timer !== undefined) {
      this.#timer.refresh();
      return;
    }
    this.stop();
    this.#phase = phase;
    this.#timer = setTimeout(() => this.#expired(phase), milliseconds);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
