import type { Descriptor } from 'bunny-libos-oci';

/** Sees the content of a command arrive or leave, to show it to people. */
export interface TransferObserver {
  /** Content begins to move. `place` is the name of the target that it comes from or goes to. */
  begin(descriptor: Descriptor, place: string): Transfer;
}

/** One transfer under way. */
export interface Transfer {
  moved(bytes: number): void;
  /** It is over, well or not. */
  end(): void;
}
