import { command, type Run } from '../../options/command.js';
import { networkFlags } from '../../options/flags.js';

const flags = networkFlags;

/** What the command gets. */
export type Context = Run<typeof flags>;

export const indexRebuild = command(
  {
    name: 'rebuild',
    about: 'rebuild the indexes of a component’s versions from its variants',
    operands: [{ words: '<REF>' }],
    flags,
    examples: [['bunny index rebuild localhost:5000/libos/warren/libc']],
  },
  () => import('./run.js'),
);
