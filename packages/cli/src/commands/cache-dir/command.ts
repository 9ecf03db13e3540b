import { command } from '../../options/command.js';

const flags = {};

export const cacheDir = command(
  {
    name: 'dir',
    about: 'print where the store is',
    flags,
    examples: [['bunny cache dir']],
  },
  () => import('./run.js'),
);
