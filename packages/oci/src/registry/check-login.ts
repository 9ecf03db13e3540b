import { RegistryClient } from './client.js';
import type { Credential } from './credentials.js';
import type { TargetOptions } from './open-target.js';

/**
 * Asks a registry whether it takes a credential: one request to `/v2/` (distribution-spec 1.1,
 * "Determining Support"), which a registry without logins answers as well. Where the registry has a token
 * server, that one judges. Returns what is to be kept: an identity token instead of the password where the
 * token server gives one. Throws BUNNY_EAUTH where the credential is not taken, BUNNY_EREGISTRY where
 * there is no registry, BUNNY_ENETWORK.
 */
export async function checkLogin(
  host: string,
  credential: Credential,
  { signal, ...options }: TargetOptions & { signal?: AbortSignal } = {},
): Promise<Credential> {
  const client = new RegistryClient(host, {
    ...options,
    credentials: async () => credential,
    offlineAccess: true,
  });
  const response = await client.request({ method: 'GET', url: '', scopes: [], signal });
  if (response.status !== 200) throw await client.refusal(response, 'answer as a registry does', host, []);
  await response.discard();
  const { identityToken } = client;
  return identityToken === undefined
    ? credential
    : { username: credential.username, password: '', identityToken };
}
