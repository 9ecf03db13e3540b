import type { Command } from 'commander';
import type { Act } from './options/action.js';
import { architectures, command, filled, from, networkCommand, platforms } from './options/flags.js';

/** The commands about registries as such: copies of what a lock pins, what is withdrawn, and logins. */
export function registryCommands(program: Command, act: Act): void {
  networkCommand(program, 'mirror', 'copy everything that a lock pins to another registry or layout')
    .requiredOption('--to <REF>', 'where to copy to: a namespace')
    .option('--lock <FILE>', 'the lock (default: ./bunny.lock)', filled)
    .addOption(from())
    .addOption(architectures())
    .addOption(platforms())
    .option('--dry-run', 'print what would be copied, and do nothing')
    .addHelpText(
      'after',
      `
Layers, the tooling image, signatures and whatever else refers to them; indexes and catalog are made
anew there. An interrupted copy continues where it stopped; what is there already is left alone.

Examples:
  bunny mirror --to oci:mirror                     then: bunny build --frozen --from oci:mirror
  bunny mirror --to localhost:5001/libos --arch arm64`,
    )
    .action(act(() => import('./commands/mirror/run.js')));

  networkCommand(
    program,
    'yank <REF> <VERSION>',
    'withdraw a published version: only locks that have it use it',
  )
    .option('--undo', 'take that back')
    .addHelpText(
      'after',
      `
Nothing is removed: apps that are locked to the version go on building. Nobody else is given it.

Examples:
  bunny yank localhost:5000/libos/warren/libc 1.2.0
  bunny yank localhost:5000/libos/warren/libc 1.2.0 --undo`,
    )
    .action(act(() => import('./commands/yank/run.js')));

  networkCommand(program, 'login <HOST>', 'check a login to a registry, and keep it for all OCI tools')
    .option('-u, --username <USER>', 'who logs in (asked for on a terminal)')
    .option('--password-stdin', 'read the secret from standard input, not from the terminal')
    .option('--identity-token', 'the secret is an identity token (OAuth2 refresh token), not a password')
    .addHelpText(
      'after',
      `
The login is kept in Docker's config.json, or with the credential helper that it names: as an identity
token in place of the password where the registry's token server gives one.

Examples:
  bunny login ghcr.io -u me                                    asks for the password
  bunny login localhost:5000 -u me --password-stdin < secret   for scripts
  az acr login -n NAME --expose-token --query accessToken -o tsv |
    bunny login NAME.azurecr.io --identity-token --password-stdin`,
    )
    .action(act(() => import('./commands/login/run.js')));

  command(program, 'logout <HOST>', 'forget the login to a registry').action(
    act(() => import('./commands/logout/run.js')),
  );
}
