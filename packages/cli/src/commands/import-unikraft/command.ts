import { command, type Run } from '../../options/command.js';
import { importFlags } from '../../options/flags.js';

const flags = importFlags;

/** What the command gets. */
export type Context = Run<typeof flags>;

export const importUnikraft = command(
  {
    name: 'unikraft',
    about: 'finished builds of Unikraft 0.17: libraries, headers, rules',
    operands: [{ words: '<BUILD_DIR...>' }],
    flags,
    notes: `BUILD_DIR is the directory 'build' of an app, after make; NAME=BUILD_DIR names its configuration, which is
otherwise named after the directory of the app. Several in one import share the libraries that are equal in them.`,
    examples: [
      ['bunny import unikraft app/build --out libos'],
      ['bunny import unikraft small=hello/build web=server/build --out libos'],
      ['bunny publish libos --to oci:registry --allow-commands'],
    ],
  },
  () => import('./run.js'),
);
