import type { Upstream } from 'bunny-libos-spec';

/**
 * The package URL of a manifest (purl type `oci`): by its digest, and where it is a registry's, with its repository. Image
 * layouts stand at another path on each machine, so they have none.
 */
export function manifestPurl(repository: string, digest: string, tag?: string): string {
  const isLayout = repository.startsWith('oci:');
  const name = repository.slice(repository.lastIndexOf('/') + 1).replace(/^oci:/, '');
  const qualifiers = [
    ...(isLayout ? [] : [`repository_url=${escaped(repository)}`]),
    ...(tag === undefined ? [] : [`tag=${escaped(tag)}`]),
  ];
  return `pkg:oci/${escaped(name)}@${escaped(digest)}${qualifiers.length === 0 ? '' : `?${qualifiers.join('&')}`}`;
}

/** The package URL of the sources of others: the one that is declared, with the version where it has none. */
export function upstreamPurl({ purl, version }: Upstream): string | undefined {
  if (purl === undefined || version === undefined || purl.includes('@')) return purl;
  const [, path = '', rest = ''] = /^([^?#]*)(.*)$/s.exec(purl) ?? [];
  return `${path}@${escaped(version)}${rest}`;
}

function escaped(text: string): string {
  return encodeURIComponent(text).replaceAll('%2F', '/');
}
