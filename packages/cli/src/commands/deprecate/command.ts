import { command, type Run } from '../../options/command.js';
import { toggle, value } from '../../options/flag.js';
import { networkFlags } from '../../options/flags.js';
import { filled } from '../../options/values.js';

const flags = {
  ...networkFlags,
  reason: value('TEXT', 'why, and what to use instead: everybody who uses it is told', filled),
  undo: toggle('take that back', { excludes: 'reason' }),
};

/** What the command gets. */
export type Context = Run<typeof flags>;

export const deprecate = command(
  {
    name: 'deprecate',
    about: 'warn of a published version whoever uses it',
    operands: [{ words: '<REF>' }, { words: '<VERSION>' }],
    flags,
    notes: `It goes on being chosen and built with: bunny yank withdraws it. Who resolves to it, adds it or audits a lock is
told the reason.`,
    examples: [
      ['bunny deprecate localhost:5000/libos/warren/libc 1.2.0 --reason writes-past-a-buffer'],
      ['bunny deprecate localhost:5000/libos/warren/libc 1.2.0 --undo'],
    ],
  },
  () => import('./run.js'),
);
