import { command, type Run } from '../../options/command.js';
import { required, toggle, value } from '../../options/flag.js';
import {
  attachedSbom,
  jobs,
  keylessFlags,
  limit,
  networkFlags,
  passwordStdin,
  targetsFlags,
} from '../../options/flags.js';
import { eachFilled, filled, shard } from '../../options/values.js';

const flags = {
  ...networkFlags,
  to: required(value('REF', 'where to publish: the namespace above the framework', filled)),
  ...targetsFlags,
  shard: value('I/N', 'publish only every N-th variant, starting with the I-th (for job matrices)', shard),
  jobs,
  limit,
  allowBreaking: value(
    'REASON',
    'publish a compatible version although it lacks symbols that are in use',
    filled,
  ),
  allowCommands: toggle('run programs of the library OS on this machine, to make its root filesystem'),
  signKey: value('KEY', 'sign what is published: a file, or env://NAME for a variable', filled, {
    excludes: 'keyless',
  }),
  provenance: toggle('with --sign-key or --keyless: attest how each variant was made (SLSA provenance)'),
  passwordStdin,
  ...keylessFlags,
  rotation: value(
    'FILE',
    'says that this key replaces another, as bunny sign --successor wrote; may be repeated',
    eachFilled,
  ),
  sbom: attachedSbom,
  withSource: toggle('attach the sources of each layer to it: bunny rebuild builds it again from them'),
  dryRun: toggle('print the plan, and do nothing'),
};

/** What the command gets. */
export type Context = Run<typeof flags>;

export const publish = command(
  {
    name: 'publish',
    otherWords: ['release', 'deploy', 'upload'],
    about: 'compile the variants that the registry lacks, and push them',
    operands: [{ words: '[PATH...]' }],
    flags,
    notes:
      'PATH is a directory with a component.yaml or tooling.yaml, or one that holds several (default: .).',
    examples: [
      ['bunny publish libos --to oci:registry', 'into an image layout'],
      ['bunny publish libos --to localhost:5000/libos', 'to a registry'],
      ['bunny publish libos --to host/libos --dry-run', 'what is missing there, and why'],
      ['bunny publish libos --to host/libos --sign-key libos.key'],
      ['bunny publish libos --to host/libos --sbom spdx', 'with a bill of materials of each layer'],
    ],
  },
  () => import('./run.js'),
);
