import { command, type Run } from '../../options/command.js';
import { choice, value } from '../../options/flag.js';
import { from, networkFlags, trustedRoot } from '../../options/flags.js';
import { eachFilled, filled } from '../../options/values.js';

const flags = {
  ...networkFlags,
  key: value('KEY', 'a public key: a file, or env://NAME; may be repeated: one is enough', eachFilled),
  certificateIdentity: value('PATTERN', 'the name in a certificate: an e-mail address or URI', filled),
  certificateOidcIssuer: value('PATTERN', 'the URL of whoever says that it is theirs', filled),
  trustedRoot,
  binds: choice('WHAT', 'what a signature must cover (default: layer)', ['layer', 'digest']),
  as: value('REF', 'the repository that it was published to, if REF is a copy', filled),
  from,
};

/** What the command gets. */
export type Context = Run<typeof flags>;

export const verify = command(
  {
    name: 'verify',
    about: 'check who signed the layers of a lock, or of a REF',
    operands: [{ words: '[LOCK]' }],
    flags,
    notes: `LOCK is a file whose name ends in .lock (default: bunny.lock), or a REF with a tag or digest. Without --key and
--certificate-identity the policies decide: bunny-policy.yaml beside the lock, and policy.yaml in
$XDG_CONFIG_HOME/bunny. By default a signature has to name the repository and the layer hash, as those of bunny sign do;
with --binds digest it is enough that it is for this digest, as those of cosign are. --certificate-identity and
--certificate-oidc-issuer take signatures that are made without a key; * in them stands for any characters but /, ** for
any number of parts. Nobody is asked: certificates, log entries and timestamps are checked by the trusted root. Exit
status 4 if something is not signed as required.`,
    examples: [
      ['bunny verify', 'as the policies ask'],
      ['bunny verify --key libos.pub'],
      ['bunny verify bunny.lock --key libos.pub --from oci:mirror'],
      ['bunny verify localhost:5000/libos/warren/libc:1.2.0 --key libos.pub --json'],
    ],
  },
  () => import('./run.js'),
);
