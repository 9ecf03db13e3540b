import { command, type Run } from '../../options/command.js';
import { toggle } from '../../options/flag.js';
import { bunnyfile } from '../../options/flags.js';

const flags = { file: bunnyfile, dryRun: toggle('print what would be removed, and do nothing') };

/** What the command gets. */
export type Context = Run<typeof flags>;

export const clean = command(
  {
    name: 'clean',
    about:
      'remove what builds of the app have made: images in build/, and what the store keeps between builds',
    flags,
    notes: `An image is removed with its initrd, record and size report; other files in build/ stay, and OCI images in build/images.
Layers stay in the store, as other apps share them: \`bunny cache prune\` removes those.`,
    examples: [['bunny clean'], ['bunny clean --dry-run']],
  },
  () => import('./run.js'),
);
