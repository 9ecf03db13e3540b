import { command } from '../../options/command.js';

const flags = {};

export const cacheLs = command(
  {
    name: 'ls',
    about: 'list what the store holds, the longest unused first',
    flags,
    examples: [['bunny cache ls']],
  },
  () => import('./run.js'),
);
