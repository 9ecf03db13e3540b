import { command, type Run } from '../../options/command.js';
import { frameworks, offline, projectFlags } from '../../options/flags.js';

const flags = { ...projectFlags, framework: frameworks, offline };

/** What the command gets. */
export type Context = Run<typeof flags>;

export const outdated = command(
  {
    name: 'outdated',
    about: 'show for which locked components there are newer versions',
    flags,
    notes: `WANTED is what \`bunny update\` would lock; LATEST is the newest version there is, in range or not.
A note says which requirement keeps the latest version out.`,
    examples: [['bunny outdated'], ["bunny outdated --json | jq -r '.components[].name'"]],
  },
  () => import('./run.js'),
);
