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
    otherWords: ['install', 'i', 'require', 'get'],
    about: 'add dependencies to the Bunnyfile, or change their ranges, and lock them',
    operands: [{ words: '[NAME[@RANGE]...]', complete: 'published' }],
    flags,
    notes: `Without a range, the newest version is chosen that leaves everything locked as it is, or else the one that needs the
fewest changes; the range is what is compatible with it. The Bunnyfile keeps its comments and layout.`,
    examples: [
      ['bunny add net', 'net: ^1.2.0, if that is the newest'],
      ['bunny add net disk', 'both, in versions that fit together'],
      ['bunny add net@~1.1.0', 'a range as node-semver reads it'],
      ['bunny add --auto', 'what the sources use and the Bunnyfile does not name'],
      ['bunny add net --dry-run', 'what would change'],
    ],
  },
  () => import('./run.js'),
);
