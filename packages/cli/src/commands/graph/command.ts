import { command, type Run } from '../../options/command.js';
import { choice } from '../../options/flag.js';
import { closureFlags } from '../../options/flags.js';

const flags = {
  ...closureFlags,
  format: choice('FORMAT', 'dot (Graphviz; the default), mermaid or json', ['dot', 'mermaid', 'json']),
};

/** What the command gets. */
export type Context = Run<typeof flags>;

export const graph = command(
  {
    name: 'graph',
    about: 'print the closure as a graph',
    flags,
    examples: [
      ['bunny graph --arch amd64 --platform qemu | dot -Tsvg -o closure.svg'],
      ['bunny graph --format mermaid'],
    ],
  },
  () => import('./run.js'),
);
