import { command, type Run } from '../../options/command.js';
import { choice, value } from '../../options/flag.js';
import { keylessFlags, networkFlags, passwordStdin } from '../../options/flags.js';
import { eachFilled, filled } from '../../options/values.js';

const flags = {
  ...networkFlags,
  key: value('KEY', 'the private key: a file, or env://NAME for a variable', filled, { excludes: 'keyless' }),
  passwordStdin,
  ...keylessFlags,
  lock: value('FILE', 'sign everything that this lock pins, in the repositories that it names', filled),
  form: choice('NAME', 'how the signature is kept (default: both)', ['bundle', 'tag', 'both', 'statement']),
  successor: value('KEY', 'say that this public key replaces the one of --key, in a .rotation file', filled),
  rotation: value(
    'FILE',
    'with --form statement: says that this key replaces another; may be repeated',
    eachFilled,
  ),
  as: value('REF', 'the repository that it was published to, if REF is a copy', filled, { excludes: 'lock' }),
};

/** What the command gets. */
export type Context = Run<typeof flags>;

export const sign = command(
  {
    name: 'sign',
    about: 'sign layers: their digest, repository and layer hash',
    operands: [{ words: '[REF]' }],
    flags,
    notes: `REF has a tag or digest; the tag of a version stands for all its variants. A signature is kept beside what it signs: as
a sigstore bundle that refers to it, as cosign 3 does, and under the tag sha256-….sig, which cosign 2 and skopeo read.
What this key has signed already is left alone. --form statement signs all variants of a version together, as bunny
publish --sign-key does: with one signature, in the index of the version; each time anew, with today's date. The
passphrase is that of COSIGN_PASSWORD, or is asked for. --keyless signs with a certificate, which is given for an
identity token and valid for minutes; the signature goes into a log, for everybody to see. The trusted root names the
services.`,
    examples: [
      ['bunny sign localhost:5000/libos/warren/libc:1.2.0 --key bunny.key'],
      ['bunny sign --lock bunny.lock --key env://SIGNING_KEY'],
      ['bunny sign --lock bunny.lock --keyless --trusted-root trusted_root.json'],
      ['bunny sign --key old.key --successor new.pub', 'writes new.rotation'],
    ],
  },
  () => import('./run.js'),
);
