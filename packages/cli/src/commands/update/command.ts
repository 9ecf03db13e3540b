import { command, type Run } from '../../options/command.js';
import { allowDowngrade, changingFlags, frameworks } from '../../options/flags.js';

const flags = { ...changingFlags, framework: frameworks, allowDowngrade };

/** What the command gets. */
export type Context = Run<typeof flags>;

export const update = command(
  {
    name: 'update',
    about: 'lock newer versions, as the Bunnyfile allows',
    operands: [{ words: '[NAME...]', complete: 'locked' }],
    flags,
    notes: `With names: each of these as new as it can be, the first first, and of the others only what has to
follow, as few as possible; what the Bunnyfile asks for by name follows to newer versions only, unless
--allow-downgrade is given. Without: all, and the tooling layer. A component stays with the registry
that bunny.lock has it from.`,
    examples: [
      ['bunny update', 'everything'],
      ['bunny update net libc', 'these two'],
      ['bunny update --dry-run', 'what would change'],
    ],
  },
  () => import('./run.js'),
);
