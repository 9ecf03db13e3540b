import { command, type Run } from '../../options/command.js';
import { choice } from '../../options/flag.js';
import { closureFlags } from '../../options/flags.js';

const flags = {
  ...closureFlags,
  format: choice('FORMAT', 'spdx (2.3; the default) or cyclonedx (1.6), both as JSON', ['spdx', 'cyclonedx']),
};

/** What the command gets. */
export type Context = Run<typeof flags>;

export const sbom = command(
  {
    name: 'sbom',
    about: 'print what an image is made of: a software bill of materials',
    flags,
    notes: `One target is told of: name it with --arch and --platform where there are several. Components, licences, hashes,
what depends on what, and the tooling layer that makes the image. The same lock gives the same document; its date is
that of SOURCE_DATE_EPOCH, else 1970.`,
    examples: [
      ['bunny sbom --arch amd64 --platform qemu > app.spdx.json'],
      ['bunny sbom --format cyclonedx --arch amd64 --platform qemu > app.cdx.json'],
    ],
  },
  () => import('./run.js'),
);
