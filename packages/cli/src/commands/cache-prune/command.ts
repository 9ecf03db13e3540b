import { command, type Run } from '../../options/command.js';
import { toggle, value } from '../../options/flag.js';
import { age, each, size } from '../../options/values.js';

const flags = {
  olderThan: value('AGE', 'only what was last used longer ago than this: 90m, 12h, 30d, 2w', age),
  maxSize: value('SIZE', 'remove the longest unused until the rest has this size: 500MB, 2GB', size),
  keep: value('LOCK', 'keep what this lock pins; may be repeated', each),
  all: toggle('everything that the other flags allow'),
  dryRun: toggle('print what would be removed, and do nothing'),
};

/** What the command gets. */
export type Context = Run<typeof flags>;

export const cachePrune = command(
  {
    name: 'prune',
    otherWords: ['gc', 'autoremove'],
    about: 'remove what is old, over a size, or in no lock',
    flags,
    notes:
      'What is removed is fetched or made again when it is needed; a process that is at work is not disturbed.',
    examples: [
      ['bunny cache prune --older-than 30d'],
      ['bunny cache prune --keep app/bunny.lock --keep other/bunny.lock'],
    ],
  },
  () => import('./run.js'),
);
