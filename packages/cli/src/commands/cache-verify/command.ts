import { command } from '../../options/command.js';

const flags = {};

export const cacheVerify = command(
  {
    name: 'verify',
    about: 'read all blobs and what is unpacked; status 1 where something was damaged, which is removed',
    flags,
    examples: [['bunny cache verify']],
  },
  () => import('./run.js'),
);
