import { command, type Run } from '../../options/command.js';
import { toggle } from '../../options/flag.js';
import { allowDowngrade, changingFlags } from '../../options/flags.js';

const flags = {
  ...changingFlags,
  allowDowngrade,
  auto: toggle('add what the sources use: by the headers they include and the symbols they need'),
};

/** What the command gets. */
export type Context = Run<typeof flags>;

export const add = command(
  {
    name: 'add',
    about: 'add dependencies to the Bunnyfile, or change their ranges, and lock them',
    operands: [{ words: '[NAME[@RANGE]...]', complete: 'published' }],
    flags,
    notes: `Without a range: the newest version with which all that is locked stays as it is, where there is none the
newest with the fewest changes, and what is compatible with it. The Bunnyfile keeps its comments and layout.`,
    examples: [
      ['bunny add net', 'net: ^1.2.0, should that be the newest'],
      ['bunny add net disk', 'both at once, as they go together'],
      ['bunny add net@~1.1.0', 'a range as node-semver reads it'],
      ['bunny add --auto', 'what the sources use and the Bunnyfile does not name'],
      ['bunny add net --dry-run', 'what would change'],
    ],
  },
  () => import('./run.js'),
);
