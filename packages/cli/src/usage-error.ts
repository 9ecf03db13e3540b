import { BunnyError, exitStatus } from '@bunny/spec';
import type { CommanderError } from 'commander';

/**
 * The error for a command line that cannot be read, as all other errors are told. `words` are those of the
 * command line: they tell which command was meant.
 */
export function usageError({ message }: CommanderError, words: readonly string[]): BunnyError {
  const [summary = '', suggestion] = message.replace(/^error: /, '').split('\n');
  const near = /^\((?:Did you mean )(.+)\)$/.exec(suggestion ?? '')?.[1];
  const [first = ''] = words;
  const command = /^unknown command/.test(summary) || !/^[a-z]/.test(first) ? 'bunny' : `bunny ${first}`;
  return new BunnyError('BUNNY_EUSAGE', summary.replace(/\.$/, ''), {
    hint: near === undefined ? `${command} --help shows what there is` : `did you mean ${near}`,
    exitStatus: exitStatus.usage,
  });
}
