import { command, type Run } from '../../options/command.js';
import { changingFlags } from '../../options/flags.js';

const flags = changingFlags;

/** What the command gets. */
export type Context = Run<typeof flags>;

export const remove = command(
  {
    name: 'remove',
    aliases: ['rm'],
    otherWords: ['uninstall', 'un', 'delete', 'drop'],
    about: 'remove dependencies from the Bunnyfile, and what only they need from the lock',
    operands: [{ words: '<NAME...>', complete: 'dependencies' }],
    flags,
    examples: [['bunny remove net'], ['bunny remove net disk']],
  },
  () => import('./run.js'),
);
