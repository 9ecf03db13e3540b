import type { Command } from 'commander';
import type { Act } from './options/action.js';
import { command, passphraseStdin } from './options/flags.js';

/** The commands about who made what. */
export function trustCommands(program: Command, act: Act): void {
  command(program, 'keygen [NAME]', 'make a key pair to sign layers with')
    .addOption(passphraseStdin())
    .addHelpText(
      'after',
      `
Writes NAME.key (default: bunny.key), the private key, encrypted with a passphrase, and NAME.pub, the public one. They
are in the form that cosign writes and reads. The passphrase is that of COSIGN_PASSWORD, or is asked for.

Examples:
  bunny keygen                                   bunny.key and bunny.pub
  bunny keygen keys/libos --password-stdin < passphrase`,
    )
    .action(act(() => import('./commands/keygen.js')));
}
