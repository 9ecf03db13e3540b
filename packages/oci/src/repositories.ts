import path from 'node:path';
import { OciError } from './errors.js';
import { LayoutIndex, refNameKey } from './layout-index.js';
import { openRegistry, type TargetOptions } from './open-target.js';
import { nextPage } from './pagination.js';
import { type LayoutReference, parseReference, type Reference, type RegistryReference } from './reference.js';
import { parseStrictJson } from './strict-json.js';

const pageSize = 1000;
const maximumPages = 10_000;
const maximumPage = 32 * 1024 * 1024;

/**
 * The repositories below a namespace, by path from there, sorted. Undefined where the registry does not tell:
 * listing them (`/v2/_catalog`) is no part of the distribution specification, and many registries allow it to
 * nobody or only to their operators. A layout always tells. Throws BUNNY_EREFERENCE and as reading does.
 */
export async function listRepositories(
  namespace: string | Reference,
  options: TargetOptions & { signal?: AbortSignal } = {},
): Promise<string[] | undefined> {
  const reference = typeof namespace === 'string' ? parseReference(namespace) : namespace;
  const found =
    reference.kind === 'layout' ? await inLayout(reference) : await onRegistry(reference, options);
  const prefix = reference.path === '' ? '' : `${reference.path}/`;
  return (
    found &&
    [...found]
      .filter((name) => name.length > prefix.length && name.startsWith(prefix))
      .map((name) => name.slice(prefix.length))
      .sort()
  );
}

async function inLayout({ directory }: LayoutReference): Promise<Set<string>> {
  const entries = await new LayoutIndex(path.resolve(directory)).entries();
  return new Set(
    entries.flatMap(({ annotations }) => {
      const name = annotations?.[refNameKey] ?? '';
      const colon = name.indexOf(':');
      return colon > 0 ? [name.slice(0, colon)] : [];
    }),
  );
}

async function onRegistry(
  { host }: RegistryReference,
  { signal, ...options }: TargetOptions & { signal?: AbortSignal },
): Promise<Set<string> | undefined> {
  const client = openRegistry(host, options);
  const found = new Set<string>();
  let url: URL | string | undefined = `_catalog?n=${pageSize}`;
  for (let page = 0; url !== undefined && page < maximumPages; page++) {
    const response = await client
      .request({ method: 'GET', url, scopes: ['registry:catalog:*'], signal })
      .catch(unlessRefused);
    if (response === undefined) return undefined;
    if (response.status !== 200) {
      await response.discard();
      return undefined;
    }
    const where = `the list of repositories of ${host}`;
    const body = parseStrictJson(await response.bytes(maximumPage), where, { size: maximumPage });
    const names = (body as { repositories?: unknown } | null)?.repositories;
    if (!Array.isArray(names)) return undefined;
    for (const name of names as unknown[]) if (typeof name === 'string') found.add(name);
    url = nextPage(response);
  }
  return found;
}

/** A registry that wants a login for this, or a better one, does not tell. */
function unlessRefused(error: unknown): undefined {
  if (error instanceof OciError && (error.code === 'BUNNY_EAUTH' || error.code === 'BUNNY_EDENIED')) return;
  throw error;
}
