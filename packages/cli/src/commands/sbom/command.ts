import { command, type Run } from '../../options/command.js';
import { choice, value } from '../../options/flag.js';
import { closureFlags } from '../../options/flags.js';
import { filled } from '../../options/values.js';

const flags = {
  ...closureFlags,
  format: choice('FORMAT', 'spdx (2.3; the default) or cyclonedx (1.6), both as JSON', ['spdx', 'cyclonedx']),
  output: value('FILE', 'write it to a file', filled, { short: 'o' }),
};

/** What the command gets. */
export type Context = Run<typeof flags>;

export const sbom = command(
  {
    name: 'sbom',
    about: 'print what an image or a layer is made of: a software bill of materials',
    operands: [{ words: '[REF]' }],
    flags,
    notes: `Without REF, of what the lock pins for one target: name it with --arch and --platform where there are several. Of a
layer, its objects, sources and tooling; of an image on a registry, what bunny build --sbom has attached to it. The same
lock gives the same document; its date is that of SOURCE_DATE_EPOCH, else 1970.`,
    examples: [
      ['bunny sbom --arch amd64 --platform qemu -o app.spdx.json'],
      ['bunny sbom --format cyclonedx --arch amd64 --platform qemu > app.cdx.json'],
      ['bunny sbom localhost:5000/libos/warren/libc:1.0.0_0123456789abcdef', 'of a layer'],
      ['bunny sbom localhost:5000/demo/hello:1.0', 'what is attached to an image'],
    ],
  },
  () => import('./run.js'),
);
