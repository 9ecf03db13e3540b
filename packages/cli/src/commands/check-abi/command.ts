import { command, type Run } from '../../options/command.js';
import { networkFlags } from '../../options/flags.js';

const flags = networkFlags;

/** What the command gets. */
export type Context = Run<typeof flags>;

export const checkAbi = command(
  {
    name: 'check-abi',
    about: 'show which symbols B defines that A does not, the reverse, and changed types',
    operands: [{ words: '<A>' }, { words: '<B>' }],
    flags,
    notes:
      'A and B are versions or variants of a component. Exit status 1 if B lacks a symbol of A or has other types.',
    examples: [['bunny check-abi host/libos/warren/libc:1.0.0 host/libos/warren/libc:1.1.0']],
  },
  () => import('./run.js'),
);
