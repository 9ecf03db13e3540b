import { command, type Run } from '../../options/command.js';
import { value } from '../../options/flag.js';
import { closureFlags } from '../../options/flags.js';
import { eachFilled } from '../../options/values.js';

const flags = {
  ...closureFlags,
  db: value(
    'PATH',
    'advisories in OSV format: a JSON file, or a directory of them; may be repeated',
    eachFilled,
  ),
};

/** What the command gets. */
export type Context = Run<typeof flags>;

export const audit = command(
  {
    name: 'audit',
    about: 'look for what is wrong with what bunny.lock pins: advisories, yanked and deprecated versions',
    flags,
    notes: `Advisories are about components (ecosystem Bunny, named FRAMEWORK/COMPONENT or by the repository) or about the
sources of ports, by package URL or repository. Status 1 where something is found, also what is yanked or deprecated.`,
    examples: [
      ['bunny audit', 'what was yanked or deprecated'],
      ['bunny audit --db advisories', 'and what the files of a directory are about'],
    ],
  },
  () => import('./run.js'),
);
