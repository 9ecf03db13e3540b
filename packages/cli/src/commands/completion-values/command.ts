import { command } from '../../options/command.js';
import { askedValues } from '../../options/flag.js';

const flags = {};

/** What the scripts of `bunny completion` ask while somebody types. */
export const completionValues = command(
  {
    name: 'completion-values',
    about: 'print what a word may become',
    operands: [
      { words: '<WHAT>', choices: askedValues },
      { words: '[WORD]', mayBeEmpty: true },
    ],
    flags,
    hidden: true,
  },
  () => import('./run.js'),
);
