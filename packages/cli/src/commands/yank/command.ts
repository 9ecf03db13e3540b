import { command, type Run } from '../../options/command.js';
import { toggle } from '../../options/flag.js';
import { networkFlags } from '../../options/flags.js';

const flags = { ...networkFlags, undo: toggle('take that back') };

/** What the command gets. */
export type Context = Run<typeof flags>;

export const yank = command(
  {
    name: 'yank',
    about: 'withdraw a published version: only locks that have it already keep it',
    operands: [{ words: '<REF>' }, { words: '<VERSION>' }],
    flags,
    notes:
      'Nothing is removed: apps that are locked to the version go on building. Nothing else resolves to it.',
    examples: [
      ['bunny yank localhost:5000/libos/warren/libc 1.2.0'],
      ['bunny yank localhost:5000/libos/warren/libc 1.2.0 --undo'],
    ],
  },
  () => import('./run.js'),
);
