import type { Catalog, Namespace } from 'bunny-libos-namespace';
import { formatReference, parseReference } from 'bunny-libos-oci';
import { BunnyError, shellLine } from 'bunny-libos-spec';

/**
 * An error of resolving what a catalog suggested: where the catalog offers what was yanked behind its back, that is
 * the reason, and renewing it the way out. Other errors come back as they are.
 */
export async function explainStaleCatalog(
  error: unknown,
  catalog: Catalog,
  namespace: Namespace,
): Promise<unknown> {
  if (!(error instanceof BunnyError) || error.code !== 'BUNNY_ENOSOLUTION') return error;
  const stale: { what: string; name: string; place: string }[] = [];
  for (const { entry, from } of await catalog.entries()) {
    for (const { version, yanked } of entry.versions) {
      if (yanked || !(await namespace.isYanked(entry.name, version))) continue;
      stale.push({
        what: `${entry.name} ${version}`,
        name: entry.name,
        place: frameworkBelow(from, entry.framework),
      });
    }
  }
  if (stale.length === 0) return error;
  const { code, message, where, details, exitStatus } = error;
  const places = [...new Set(stale.map(({ place }) => place))];
  const names = [...new Set(stale.map(({ name }) => name))];
  return new BunnyError(code, message, {
    where,
    details: [
      ...details,
      `the catalog does not know yet that ${stale.map(({ what }) => what).join(', ')} is yanked`,
    ],
    hint: [
      ...places.map((place) => `renew the catalog: \`${shellLine(['bunny', 'catalog', 'rebuild', place])}\``),
      ...names.map((name) => `or choose a version without it: \`bunny add ${name}\``),
    ].join('\n'),
    exitStatus,
    cause: error,
  });
}

/** `host/libos/warren` for warren under `host/libos`. */
function frameworkBelow(base: string, framework: string): string {
  const reference = parseReference(base);
  const path = [reference.path, framework].filter((part) => part !== '').join('/');
  return formatReference({ ...reference, path });
}
