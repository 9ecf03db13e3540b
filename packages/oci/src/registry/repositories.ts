import path from 'node:path';
import { codeOf } from '../content/errors.js';
import type { LayoutReference, Reference } from '../content/reference.js';
import { parseStrictJson } from '../content/strict-json.js';
import { LayoutIndex, refNameKey } from '../disk/layout-index.js';
import type { HttpResponse } from '../http/response.js';
import type { RegistryClient } from './client.js';
import { maximumPage, readList } from './pagination.js';

/** As `Network.repositories` says. */
export async function repositoriesUnder(
  reference: Reference,
  clientOf: (host: string) => RegistryClient,
): Promise<string[] | undefined> {
  const found =
    reference.kind === 'layout' ? await inLayout(reference) : await onRegistry(clientOf(reference.host));
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

async function onRegistry(client: RegistryClient): Promise<Set<string> | undefined> {
  const scopes = ['registry:catalog:*'];
  try {
    const names = await readList({
      url: '_catalog',
      takesCount: true,
      ask: (url) => client.request({ method: 'GET', url, scopes, gather: maximumPage }),
      read: (response) => readPage(client.host, response),
      nameOf: (name) => name,
    });
    return names && new Set(names);
  } catch (error) {
    // A registry that wants a login for this, or a better one, does not tell.
    const code = codeOf(error);
    if (code === 'BUNNY_EAUTH' || code === 'BUNNY_EDENIED') return undefined;
    throw error;
  }
}

async function readPage(host: string, response: HttpResponse): Promise<string[] | undefined> {
  if (response.status !== 200) {
    await response.discard();
    return undefined;
  }
  const where = `the list of repositories of ${host}`;
  const body = parseStrictJson(await response.bytes(maximumPage), where, { size: maximumPage });
  // Go writes an empty list as null.
  const names = (body as { repositories?: unknown } | null)?.repositories ?? [];
  return Array.isArray(names) ? (names as unknown[]).filter((name) => typeof name === 'string') : undefined;
}
