import { command, type Run } from '../../options/command.js';
import { required, value } from '../../options/flag.js';
import { keylessFlags, networkFlags, passwordStdin } from '../../options/flags.js';
import { filled } from '../../options/values.js';

const flags = {
  ...networkFlags,
  type: required(
    value('TYPE', 'what is attested: provenance, spdx, cyclonedx, or the URI of another predicate', filled),
  ),
  predicate: required(value('FILE', 'a JSON document: the predicate', filled)),
  key: value('KEY', 'the private key: a file, or env://NAME for a variable', filled, { excludes: 'keyless' }),
  passwordStdin,
  ...keylessFlags,
  as: value('REF', 'the repository that it is at home in, where REF is a copy', filled),
};

/** What the command gets. */
export type Context = Run<typeof flags>;

export const attest = command(
  {
    name: 'attest',
    about: 'attest something about a layer or an image, with a signature',
    operands: [{ words: '<REF>' }],
    flags,
    notes: `REF has a tag or digest; the tag of a version stands for all its variants. What is said is kept as cosign attests: an
in-toto statement in a sigstore bundle that refers to it. Policies ask for it with \`attestations\`.`,
    examples: [
      ['bunny attest host/demo/hello:1.0 --type spdx --predicate hello.spdx.json --key demo.key'],
      [
        'bunny attest host/libos/warren/libc:1.2.0 --type https://example.org/review/v1 --predicate review.json --key me.key',
      ],
    ],
  },
  () => import('./run.js'),
);
