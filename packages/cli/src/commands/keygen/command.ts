import { command, type Run } from '../../options/command.js';
import { passwordStdin } from '../../options/flags.js';

const flags = { passwordStdin };

/** What the command gets. */
export type Context = Run<typeof flags>;

export const keygen = command(
  {
    name: 'keygen',
    about: 'make a key pair to sign layers with',
    operands: [{ words: '[NAME]' }],
    flags,
    notes: `Writes NAME.key (default: bunny.key), the private key, encrypted with a passphrase, and NAME.pub, the public one. They
are in the form that cosign writes and reads. The passphrase is that of COSIGN_PASSWORD, or is asked for.`,
    examples: [
      ['bunny keygen', 'bunny.key and bunny.pub'],
      ['bunny keygen keys/libos --password-stdin < passphrase'],
    ],
  },
  () => import('./run.js'),
);
