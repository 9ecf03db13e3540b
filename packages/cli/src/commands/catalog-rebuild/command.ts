import { command, type Run } from '../../options/command.js';
import { networkFlags } from '../../options/flags.js';

const flags = networkFlags;

/** What the command gets. */
export type Context = Run<typeof flags>;

export const catalogRebuild = command(
  {
    name: 'rebuild',
    about: 'rebuild the catalog of a framework from its variants',
    operands: [{ words: '<REF>' }],
    flags,
    notes: 'REF names the framework below its namespace.',
    examples: [
      ['bunny catalog rebuild localhost:5000/libos/warren'],
      ['bunny catalog rebuild oci:registry:warren'],
    ],
  },
  () => import('./run.js'),
);
