import { command, type Run } from '../../options/command.js';
import { required, toggle, value } from '../../options/flag.js';
import { from, networkFlags, targetsFlags } from '../../options/flags.js';
import { filled } from '../../options/values.js';

const flags = {
  ...networkFlags,
  to: required(value('REF', 'where to copy to: a namespace', filled)),
  lock: value('FILE', 'the lock (default: ./bunny.lock)', filled),
  from,
  ...targetsFlags,
  dryRun: toggle('print what would be copied, and do nothing'),
};

/** What the command gets. */
export type Context = Run<typeof flags>;

export const mirror = command(
  {
    name: 'mirror',
    about: 'copy everything that a lock pins to another registry or layout',
    flags,
    notes: `Layers, the tooling image, signatures and whatever else refers to them; indexes and catalog are made
anew there. An interrupted copy continues where it stopped; what is there already is left alone.`,
    examples: [
      ['bunny mirror --to oci:mirror', 'then: bunny build --frozen --from oci:mirror'],
      ['bunny mirror --to localhost:5001/libos --arch arm64'],
    ],
  },
  () => import('./run.js'),
);
