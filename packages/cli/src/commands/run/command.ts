import { command, type Run } from '../../options/command.js';
import { value } from '../../options/flag.js';
import { frozen, limit, offline, projectFlags, targetFlags, verbose } from '../../options/flags.js';
import { eachFilled, positive, seconds } from '../../options/values.js';

const flags = {
  ...projectFlags,
  ...targetFlags,
  timeout: value('S', 'stop the image after this many seconds', seconds),
  memory: value('MIB', 'memory of the machine', positive),
  monitorDir: value('DIR', 'let the monitor also read this directory; may be repeated', eachFilled),
  verbose,
  limit,
  frozen,
  offline,
};

/** What the command gets. */
export type Context = Run<typeof flags>;

export const run = command(
  {
    name: 'run',
    otherWords: ['start', 'boot', 'exec'],
    about: 'build the image, or pull REF, boot it, and return the exit status of the app',
    operands: [
      {
        words: '[ARGS...]',
        about: 'an OCI image to boot instead; arguments for the app, after --',
        mayBeEmpty: true,
      },
    ],
    flags,
    examples: [
      ['bunny run'],
      ['bunny run --platform qemu --memory 64 --timeout 10'],
      ['bunny run -- --port 8080', 'arguments for the app'],
      ['bunny run localhost:5000/demo/hello:1.0', 'an image that was built and pushed'],
    ],
  },
  () => import('./run.js'),
);
