import { command, type Run } from '../../options/command.js';
import { networkFlags } from '../../options/flags.js';

const flags = networkFlags;

/** What the command gets. */
export type Context = Run<typeof flags>;

export const inspect = command(
  {
    name: 'inspect',
    otherWords: ['info', 'show', 'view'],
    about: 'show what a Bunny artifact is: its metadata, variants and symbols',
    operands: [{ words: '<REF>' }],
    flags,
    examples: [
      ['bunny inspect localhost:5000/libos/warren/libc', 'versions and variants of a component'],
      ['bunny inspect localhost:5000/libos/warren/libc:1.2.0', 'the variants of one version'],
      ['bunny inspect oci:registry:warren/tooling:1.0.0', 'a tooling layer'],
    ],
  },
  () => import('./run.js'),
);
