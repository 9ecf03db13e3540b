export type Phase = 'connect' | 'headers' | 'idle';

/** One timer for the phase that an exchange is in. */
export class PhaseClock {
  readonly #expired: (phase: Phase) => void;
  #timer: NodeJS.Timeout | undefined;
  /** How long the timer runs. Milliseconds. */
  #length = 0;
  #phase: Phase | undefined;

  constructor(expired: (phase: Phase) => void) {
    this.#expired = expired;
  }

  start(phase: Phase, milliseconds: number): void {
    this.#phase = phase;
    if (this.#timer !== undefined && this.#length === milliseconds) {
      this.#timer.refresh();
      return;
    }
    clearTimeout(this.#timer);
    this.#length = milliseconds;
    this.#timer = setTimeout(() => {
      if (this.#phase !== undefined) this.#expired(this.#phase);
    }, milliseconds);
  }

  /** Nothing is awaited for now; `start` goes on. */
  pause(): void {
    this.#phase = undefined;
  }

  stop(): void {
    this.pause();
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
