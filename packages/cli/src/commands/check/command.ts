import { command, type Run } from '../../options/command.js';
import { toggle } from '../../options/flag.js';
import { frozen, jobs, limit, offline, projectFlags, targetFlags, verbose } from '../../options/flags.js';

const flags = {
  ...projectFlags,
  ...targetFlags,
  all: toggle('check every target'),
  jobs,
  limit,
  verbose,
  frozen,
  offline,
};

/** What the command gets. */
export type Context = Run<typeof flags>;

export const check = command(
  {
    name: 'check',
    about: 'compile the app, and link nothing',
    flags,
    notes: 'Exit status 5 if a source does not compile. A build that follows compiles nothing again.',
    examples: [['bunny check'], ['bunny check --all', 'for every target']],
  },
  () => import('./run.js'),
);
