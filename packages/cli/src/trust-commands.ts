import { type Command, Option } from 'commander';
import type { Act } from './options/action.js';
import { command, eachFilled, filled, from, networkCommand, passphraseStdin } from './options/flags.js';

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
    .action(act(() => import('./commands/keygen/run.js')));

  networkCommand(program, 'sign [REF]', 'sign layers: their digest, repository and layer hash')
    .requiredOption('--key <KEY>', 'the private key: a file, or env://NAME for a variable', filled)
    .addOption(passphraseStdin())
    .addOption(
      new Option('--lock <FILE>', 'sign all that this lock pins, where it is from').argParser(filled),
    )
    .addOption(
      new Option('--form <NAME>', 'how the signature is kept (default: both)').choices([
        'bundle',
        'tag',
        'both',
      ]),
    )
    .addOption(
      new Option('--as <REF>', 'the repository that it is at home in, where REF is a copy')
        .argParser(filled)
        .conflicts('lock'),
    )
    .addHelpText(
      'after',
      `
REF has a tag or digest; the tag of a version stands for all its variants. A signature is kept beside what it signs: as
a sigstore bundle that refers to it, as cosign 3 does, and under the tag sha256-….sig, which cosign 2 and skopeo read.
What this key has signed already is left alone. The passphrase is that of COSIGN_PASSWORD, or is asked for.

Examples:
  bunny sign localhost:5000/libos/warren/libc:1.2.0 --key bunny.key
  bunny sign --lock bunny.lock --key env://SIGNING_KEY`,
    )
    .action(act(() => import('./commands/sign/run.js')));

  networkCommand(program, 'verify [LOCK]', 'check who signed the layers of a lock, or of a REF')
    .addOption(
      new Option(
        '--key <KEY>',
        'a public key: a file, or env://NAME; may be repeated: one is enough',
      ).argParser(eachFilled),
    )
    .addOption(
      new Option('--binds <WHAT>', 'what a signature has to be for (default: layer)').choices([
        'layer',
        'digest',
      ]),
    )
    .addOption(
      new Option('--as <REF>', 'the repository that it is at home in, where REF is a copy').argParser(filled),
    )
    .addOption(from())
    .addHelpText(
      'after',
      `
LOCK is a file whose name ends in .lock (default: bunny.lock), or a REF with a tag or digest. Without --key the policies
decide: bunny-policy.yaml beside the lock, and policy.yaml in $XDG_CONFIG_HOME/bunny. By default a signature has to name
the repository and the layer hash, as those of bunny sign do; with --binds digest it is enough that it is for this
digest, as those of cosign are. Status 4 where something is not signed as it has to be.

Examples:
  bunny verify                                   as the policies ask
  bunny verify --key libos.pub
  bunny verify bunny.lock --key libos.pub --from oci:mirror
  bunny verify localhost:5000/libos/warren/libc:1.2.0 --key libos.pub --json`,
    )
    .action(act(() => import('./commands/verify/run.js')));
}
