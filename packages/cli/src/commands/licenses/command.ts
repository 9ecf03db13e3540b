import { command, type Run } from '../../options/command.js';
import { value } from '../../options/flag.js';
import { closureFlags } from '../../options/flags.js';
import { eachFilled } from '../../options/values.js';

const flags = {
  ...closureFlags,
  allow: value('NAME', 'fail for a component under any other licence; may be repeated', eachFilled),
};

/** What the command gets. */
export type Context = Run<typeof flags>;

export const licenses = command(
  {
    name: 'licenses',
    about: 'print the licences of what an image contains',
    flags,
    notes: `Of all targets, each component once. The tooling layer is in no image, and not among them. --allow takes names of
SPDX, such as BSD-3-Clause: of "A OR B" one has to be among them, of "A AND B" both. Status 4 where a licence is not, or
none is named.`,
    examples: [['bunny licenses'], ['bunny licenses --allow MIT --allow BSD-3-Clause']],
  },
  () => import('./run.js'),
);
