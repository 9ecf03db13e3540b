import type { Credential } from './credentials.js';
import { RegistryClient, type RegistryOptions } from './registry-client.js';

/**
 * Asks a registry whether it takes a credential: one request to `/v2/` (distribution-spec 1.1,
 * "Determining Support"), which a registry without logins answers as well. Throws BUNNY_EAUTH where it
 * does not, BUNNY_EREGISTRY where there is no registry, BUNNY_ENETWORK.
 */
export async function checkLogin(
  host: string,
  credential: Credential,
  options: RegistryOptions = {},
): Promise<void> {
  const client = new RegistryClient(host, { ...options, credentials: async () => credential });
  const response = await client.request({ method: 'GET', url: '', scopes: [] });
  if (response.status !== 200) throw await client.refusal(response, 'answer as a registry does', host, []);
  await response.discard();
}
