import { parseReference } from 'bunny-libos-oci';

/**
 * The name that signatures are for: `host/path` of a repository on a registry, `oci:path` of one in an image layout,
 * whose directory is another one on each machine. Tags and digests are left out. Throws BUNNY_EREFERENCE.
 */
export function canonicalRepository(reference: string): string {
  const parsed = parseReference(reference);
  return parsed.kind === 'layout' ? `oci:${parsed.path}` : `${parsed.host}/${parsed.path}`;
}
