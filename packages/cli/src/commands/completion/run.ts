import { exitStatus } from 'bunny-libos-spec';
import type { Run } from '../../options/command.js';
import { completionScripts } from '../../options/completion-scripts.js';
import { completedCommands } from '../../options/completion-words.js';

/** `bunny completion`: prints a completion script for a shell. */
export async function run({ terminal, program }: Run, shell: 'bash' | 'zsh' | 'fish'): Promise<number> {
  const script = completionScripts.get(shell);
  if (script === undefined) throw new TypeError(`${shell} is not among the choices of the argument`);
  const text = script(completedCommands(program));
  terminal.print(text);
  terminal.result({ shell, script: text });
  return exitStatus.done;
}
