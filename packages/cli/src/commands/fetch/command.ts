import { command, type Run } from '../../options/command.js';
import { projectFlags, targetsFlags } from '../../options/flags.js';

const flags = { ...projectFlags, ...targetsFlags };

/** What the command gets. */
export type Context = Run<typeof flags>;

export const fetch = command(
  {
    name: 'fetch',
    otherWords: ['install', 'i', 'ci', 'download', 'restore', 'vendor'],
    about: 'fetch everything that bunny.lock pins into the store, to build offline',
    flags,
    notes: `Fetches the tooling layers and components of all targets in the lock, or of the targets named. The lock is not changed:
a missing or stale one is an error. What the store already has is not fetched again.`,
    examples: [
      ['bunny fetch', 'then: bunny build --offline'],
      ['bunny fetch --arch arm64', 'for these targets only'],
    ],
  },
  () => import('./run.js'),
);
