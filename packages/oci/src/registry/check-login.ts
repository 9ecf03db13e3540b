import type { RegistryClient } from './client.js';
import type { Credential } from './credentials.js';

/** As `Network.checkLogin` says, with a client that has the credential and asks for an identity token. */
export async function checkLogin(client: RegistryClient, credential: Credential): Promise<Credential> {
  const response = await client.request({ method: 'GET', url: '', scopes: [] });
  if (response.status !== 200) {
    throw await client.refusal(response, 'answer as a registry does', client.host, []);
  }
  await response.discard();
  const { identityToken } = client;
  return identityToken === undefined
    ? credential
    : { username: credential.username, password: '', identityToken };
}
