import { command, type Run } from '../../options/command.js';
import { closureFlags, strategy } from '../../options/flags.js';

const flags = { ...closureFlags, strategy };

/** What the command gets. */
export type Context = Run<typeof flags>;

export const resolve = command(
  {
    name: 'resolve',
    otherWords: ['lock', 'solve', 'pin'],
    about: 'choose versions and variants, and write bunny.lock',
    flags,
    examples: [
      ['bunny resolve'],
      ['bunny resolve --frozen', 'fail if bunny.lock is stale, as in CI'],
      ['bunny resolve --from oci:registry', 'with the layers of an image layout'],
    ],
  },
  () => import('./run.js'),
);
