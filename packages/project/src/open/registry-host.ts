import { parseReference } from 'bunny-libos-oci';
import { BunnyError, exitStatus } from 'bunny-libos-spec';

/** The host of a registry as logins are kept for it: `ghcr.io`, `localhost:5000`. Throws BUNNY_EREFERENCE. */
export function registryHost(text: string): string {
  const reference = parseReference(text.replace(/\/+$/, ''));
  if (reference.kind === 'registry' && reference.path === '') return reference.host;
  throw new BunnyError('BUNNY_EREFERENCE', `${JSON.stringify(text)} is not the host of a registry`, {
    where: text,
    hint: 'a login is for a whole registry: write host[:port] without a path',
    exitStatus: exitStatus.usage,
  });
}
