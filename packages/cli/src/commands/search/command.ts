import { command, type Run } from '../../options/command.js';
import { value } from '../../options/flag.js';
import { projectFlags } from '../../options/flags.js';
import { filled } from '../../options/values.js';

const flags = {
  ...projectFlags,
  framework: value('NAME', 'the library OS (default: that of the Bunnyfile, else all there are)', String, {
    complete: 'frameworks',
  }),
  header: value('PATH', 'components with this public header, as it is included: net/tcp.h', filled),
  symbol: value('NAME', 'components that define this symbol', filled, { excludes: 'header' }),
};

/** What the command gets. */
export type Context = Run<typeof flags>;

export const search = command(
  {
    name: 'search',
    otherWords: ['find'],
    about: 'find components by name, capability, header or symbol',
    operands: [{ words: '[WORD]' }],
    flags,
    examples: [
      ['bunny search net', 'names, capabilities and descriptions'],
      ['bunny search --header net/tcp.h', 'who has a header'],
      ['bunny search --symbol malloc --framework warren', 'who defines a symbol'],
    ],
  },
  () => import('./run.js'),
);
