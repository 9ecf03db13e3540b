import { command, type Run } from '../../options/command.js';
import { closureFlags } from '../../options/flags.js';

const flags = closureFlags;

/** What the command gets. */
export type Context = Run<typeof flags>;

export const why = command(
  {
    name: 'why',
    about: 'show how a component comes into the closure',
    operands: [{ words: '<NAME>', complete: 'locked' }],
    flags,
    notes: 'Where a newer version was seen, and somebody is known to keep it out, it says who needs what.',
    examples: [['bunny why libc']],
  },
  () => import('./run.js'),
);
