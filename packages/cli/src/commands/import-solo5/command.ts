import { command, type Run } from '../../options/command.js';
import { importFlags } from '../../options/flags.js';

const flags = importFlags;

/** What the command gets. */
export type Context = Run<typeof flags>;

export const importSolo5 = command(
  {
    name: 'solo5',
    about: 'an installed Solo5: its bindings, compiler flags and tenders',
    operands: [{ words: '<PREFIX>' }],
    flags,
    notes:
      'PREFIX is where Solo5 was installed. Its tenders stay there: have PREFIX/bin in PATH to boot with them.',
    examples: [
      ['bunny import solo5 ~/solo5 --out libos'],
      ['bunny publish libos --to oci:registry --allow-commands'],
    ],
  },
  () => import('./run.js'),
);
