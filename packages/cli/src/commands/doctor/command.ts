import { command, type Run } from '../../options/command.js';
import { projectFlags } from '../../options/flags.js';

const flags = projectFlags;

/** What the command gets. */
export type Context = Run<typeof flags>;

export const doctor = command(
  {
    name: 'doctor',
    about: 'check what Bunny needs on this machine, and say how to get what is missing',
    flags,
    notes: `Checks Node, the sandbox, the store, the registries of the Bunnyfile (or those given), and the monitors that boot its
images. Exit status 1 if something is missing.`,
    examples: [['bunny doctor'], ['bunny doctor --from oci:registry', 'with this registry']],
  },
  () => import('./run.js'),
);
