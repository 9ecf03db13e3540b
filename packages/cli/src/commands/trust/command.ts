import { command, type Run } from '../../options/command.js';
import { toggle } from '../../options/flag.js';

const flags = { user: toggle('for all projects of this user, not for the one here') };

/** What the command gets. */
export type Context = Run<typeof flags>;

export const trust = command(
  {
    name: 'trust',
    about: 'write a policy: only what this key signed is used',
    operands: [{ words: '<KEY>' }, { words: '[PATTERN...]' }],
    flags,
    notes: `KEY is a public key: a file, or env://NAME for a variable. PATTERN is of the repositories that are used at all, by their
names at home: registry.example.org/libos/**, oci:warren/* (default: all). Writes bunny-policy.yaml here, or with --user
policy.yaml in $XDG_CONFIG_HOME/bunny, over nothing that is there. From then on resolve, fetch and build ask it.`,
    examples: [['bunny trust libos.pub'], ["bunny trust libos.pub 'registry.example.org/libos/**' --user"]],
  },
  () => import('./run.js'),
);
