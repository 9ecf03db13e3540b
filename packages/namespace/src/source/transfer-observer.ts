/** Sees the content of a command arrive or leave, to show it to people. */
export interface TransferObserver {
  /** Content of `size` bytes begins to move. `place` is the name of the target that it comes from or goes to. */
  begin(content: { size: number }, place: string): Transfer;
}

/** One transfer under way. */
export interface Transfer {
  moved(bytes: number): void;
  /** It is over, well or not. */
  end(): void;
}
