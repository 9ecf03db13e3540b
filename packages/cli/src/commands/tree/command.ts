import { command, type Run } from '../../options/command.js';
import { toggle, value } from '../../options/flag.js';
import { closureFlags } from '../../options/flags.js';
import { whole } from '../../options/values.js';

const flags = {
  ...closureFlags,
  invert: toggle('show who depends on a component, not what it depends on'),
  depth: value('N', 'levels below the first', whole),
};

/** What the command gets. */
export type Context = Run<typeof flags>;

export const tree = command(
  {
    name: 'tree',
    otherWords: ['list', 'ls', 'deps', 'dependencies'],
    about: 'show the closure as a tree, below the app or one component',
    operands: [{ words: '[NAME]', complete: 'locked' }],
    flags,
    notes: 'The dependencies of a component are shown once; (*) marks where they are left out.',
    examples: [
      ['bunny tree'],
      ['bunny tree libc --invert', 'everything that needs libc'],
      ['bunny tree --arch arm64 --platform qemu'],
    ],
  },
  () => import('./run.js'),
);
