import { command, type Run } from '../../options/command.js';
import { closureFlags } from '../../options/flags.js';

const flags = closureFlags;

/** What the command gets. */
export type Context = Run<typeof flags>;

export const why = command(
  {
    name: 'why',
    otherWords: ['explain-dependency', 'rdepends'],
    about: 'show how a component comes into the closure',
    operands: [{ words: '<NAME>', complete: 'locked' }],
    flags,
    notes: 'If a newer version is known, it says which requirement keeps it out.',
    examples: [['bunny why libc']],
  },
  () => import('./run.js'),
);
