import { exitStatus } from 'bunny-libos-spec';
import type { Command } from 'commander';
import type { CommonFlags, Run } from '../../options/action.js';
import { completionScripts } from '../../options/completion-scripts.js';
import { completedCommands } from '../../options/completion-words.js';

/** The command that prints a completion script for a program. */
export function completionFor(program: Command): {
  run: (run: Run<CommonFlags>, shell: string) => Promise<number>;
} {
  return {
    run: async ({ terminal }, shell) => {
      const script = completionScripts.get(shell);
      if (script === undefined) throw new TypeError(`${shell} is not among the choices of the argument`);
      terminal.print(script(completedCommands(program)));
      return exitStatus.done;
    },
  };
}
