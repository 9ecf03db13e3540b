import { command, type Run } from '../../options/command.js';
import { value } from '../../options/flag.js';
import { networkFlags } from '../../options/flags.js';
import { filled } from '../../options/values.js';

const flags = {
  ...networkFlags,
  to: value(
    'REF',
    'where to write it: oci:DIR:tag, docker-archive:FILE (default: oci: and the last part of REF)',
    filled,
  ),
};

/** What the command gets. */
export type Context = Run<typeof flags>;

export const pull = command(
  {
    name: 'pull',
    about: 'fetch an OCI image to disk, with what refers to it',
    operands: [{ words: '<REF>' }],
    flags,
    notes: `An image of several targets comes with all of them. What \`bunny.lock\` pins comes into the store by \`bunny fetch\`;
this brings what was built from it.`,
    examples: [
      ['bunny pull localhost:5000/demo/hello:1.0', 'to the image layout hello, as oci:hello:1.0'],
      ['bunny pull localhost:5000/demo/hello:1.0 --to docker-archive:hello.tar', 'for docker load'],
    ],
  },
  () => import('./run.js'),
);
