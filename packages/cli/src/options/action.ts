import type { Terminal } from '../terminal/terminal.js';

/** Flags that every command has. */
export interface CommonFlags {
  json?: boolean | undefined;
  quiet?: boolean | undefined;
}

/** What an action gets: its flags, a terminal, and a signal that Ctrl-C raises. Its result is the exit status. */
export interface Run<Flags> {
  flags: Flags;
  terminal: Terminal;
  signal: AbortSignal;
}

/** Makes a command's action out of what it loads. */
export type Act = <Flags extends CommonFlags, Words extends unknown[]>(
  load: () => Promise<{ run: (run: Run<Flags>, ...operands: Words) => Promise<number> }>,
) => (...given: unknown[]) => Promise<void>;
