import { command, type Run } from '../../options/command.js';
import { projectFlags, targetsFlags } from '../../options/flags.js';

const flags = { ...projectFlags, ...targetsFlags };

/** What the command gets. */
export type Context = Run<typeof flags>;

export const fetch = command(
  {
    name: 'fetch',
    about: 'bring all that bunny.lock pins into the store, to build without a network',
    flags,
    notes: `Tooling layers and components of all targets of the lock, or of those that are named. The lock is used as it
is: one that is missing or stale is an error. What the store has already is not asked for.`,
    examples: [
      ['bunny fetch', 'then: bunny build --offline'],
      ['bunny fetch --arch arm64', 'for these targets only'],
    ],
  },
  () => import('./run.js'),
);
