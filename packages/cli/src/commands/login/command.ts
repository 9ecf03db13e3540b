import { command, type Run } from '../../options/command.js';
import { toggle, value } from '../../options/flag.js';
import { networkFlags } from '../../options/flags.js';

const flags = {
  ...networkFlags,
  username: value('USER', 'who logs in (asked for on a terminal)', String, { short: 'u' }),
  passwordStdin: toggle('read the secret from standard input, not from the terminal'),
  identityToken: toggle('the secret is an identity token (OAuth2 refresh token), not a password'),
};

/** What the command gets. */
export type Context = Run<typeof flags>;

export const login = command(
  {
    name: 'login',
    about: 'check a login to a registry, and keep it for all OCI tools',
    operands: [{ words: '<HOST>' }],
    flags,
    notes: `The login is kept in Docker's config.json, or with the credential helper that it names: as an identity
token in place of the password where the registry's token server gives one.`,
    examples: [
      ['bunny login ghcr.io -u me', 'asks for the password'],
      ['bunny login localhost:5000 -u me --password-stdin < secret', 'for scripts'],
      [
        `az acr login -n NAME --expose-token --query accessToken -o tsv |
  bunny login NAME.azurecr.io --identity-token --password-stdin`,
      ],
    ],
  },
  () => import('./run.js'),
);
