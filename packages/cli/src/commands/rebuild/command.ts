import { command, type Run } from '../../options/command.js';
import { value } from '../../options/flag.js';
import { from, jobs, limit, networkFlags } from '../../options/flags.js';
import { filled } from '../../options/values.js';

const flags = {
  ...networkFlags,
  lock: value('FILE', 'build everything again that this lock pins', filled),
  from,
  jobs,
  limit,
};

/** What the command gets. */
export type Context = Run<typeof flags>;

export const rebuild = command(
  {
    name: 'rebuild',
    otherWords: ['reproduce'],
    about: 'build published layers again from their sources, and compare',
    operands: [{ words: '[REF]' }],
    flags,
    notes: `REF has a tag or digest; the tag of a version stands for all its variants. The sources are those that bunny publish
--with-source has attached; that they are what the layer hash was made from is checked before anything is compiled. They
are compiled in the sandbox, with the tooling layer and against the headers that the layer names. Where the digest is
another one, the objects and sections are told that differ. Exit status 5 if a layer comes out as another; 1 if all
that could be built again are the same, and one could not, as it has no sources.`,
    examples: [
      ['bunny rebuild localhost:5000/libos/warren/libc:1.2.0'],
      ['bunny rebuild --lock bunny.lock --json'],
    ],
  },
  () => import('./run.js'),
);
