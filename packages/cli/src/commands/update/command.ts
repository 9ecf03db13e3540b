import { command, type Run } from '../../options/command.js';
import { allowDowngrade, changingFlags, frameworks } from '../../options/flags.js';

const flags = { ...changingFlags, framework: frameworks, allowDowngrade };

/** What the command gets. */
export type Context = Run<typeof flags>;

export const update = command(
  {
    name: 'update',
    otherWords: ['upgrade', 'up', 'bump'],
    about: 'lock newer versions, as the Bunnyfile allows',
    operands: [{ words: '[NAME...]', complete: 'locked' }],
    flags,
    notes: `With names, each becomes as new as possible, in the order given. Other components change only where they must; those
that the Bunnyfile names become older only with --allow-downgrade. Without names, everything is updated, and the tooling
layer. A component stays with the registry that bunny.lock has it from.`,
    examples: [
      ['bunny update', 'everything'],
      ['bunny update net libc', 'these two'],
      ['bunny update --dry-run', 'what would change'],
    ],
  },
  () => import('./run.js'),
);
