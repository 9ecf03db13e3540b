import { command } from '../../options/command.js';

const flags = {};

export const cacheVerify = command(
  {
    name: 'verify',
    about: 'check all blobs and unpacked layers, and remove what is damaged; exit status 1 if anything was',
    flags,
    examples: [['bunny cache verify']],
  },
  () => import('./run.js'),
);
