import { command, type Run } from '../../options/command.js';
import { bunnyfile, networkFlags, targetsFlags } from '../../options/flags.js';

const flags = { ...networkFlags, file: bunnyfile, ...targetsFlags };

/** What the command gets. */
export type Context = Run<typeof flags>;

export const push = command(
  {
    name: 'push',
    about: 'push the OCI images that were built before',
    operands: [{ words: '<REF>' }],
    flags,
    notes: `What \`bunny build --tag REF\` gave this name; else all that was built for the targets that are named, as one
index where they are several. Nothing is built. What refers to the images goes with them: build records, signatures.`,
    examples: [
      ['bunny push localhost:5000/demo/hello:1.0'],
      ['bunny push host/demo/hello:1.0 --arch arm64', 'of what was built, the images for arm64'],
      ['bunny push oci:images:1.0', 'to an image layout'],
    ],
  },
  () => import('./run.js'),
);
