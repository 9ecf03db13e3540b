import { command } from '../../options/command.js';

const flags = {};

export const logout = command(
  {
    name: 'logout',
    about: 'forget the login to a registry',
    operands: [{ words: '<HOST>' }],
    flags,
    examples: [['bunny logout ghcr.io']],
  },
  () => import('./run.js'),
);
