import { command, type Run } from '../../options/command.js';
import { required, value } from '../../options/flag.js';
import { from, networkFlags } from '../../options/flags.js';
import { eachFilled } from '../../options/values.js';

const flags = {
  ...networkFlags,
  framework: required(
    value('NAME', 'the library OS; may be repeated, for an app on several', eachFilled, {
      complete: 'frameworks',
    }),
  ),
  name: value('NAME', 'name of the app (default: the name of the directory)', String),
  from,
};

/** What the command gets. */
export type Context = Run<typeof flags>;

export const init = command(
  {
    name: 'init',
    otherWords: ['new', 'create', 'scaffold'],
    about: 'write a Bunnyfile and a hello world that builds',
    operands: [{ words: '[DIR]' }],
    flags,
    examples: [
      ['bunny init myapp --framework warren --from oci:registry'],
      ['bunny init myapp --framework warren --framework linux', 'one Bunnyfile for both'],
    ],
  },
  () => import('./run.js'),
);
