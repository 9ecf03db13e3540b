import { command } from '../../options/command.js';

export const explain = command(
  {
    name: 'explain',
    about: 'say what the code of an error means, and what it ends a command with',
    operands: [{ words: '<CODE>', complete: 'codes' }],
    flags: {},
    examples: [['bunny explain BUNNY_ENOSOLUTION'], ['bunny explain enosolution', 'the same']],
  },
  () => import('./run.js'),
);
