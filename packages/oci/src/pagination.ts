import { OciError } from './errors.js';
import { printableUrl } from './http-fault.js';
import type { HttpResponse } from './http-response.js';

const maximumPages = 10_000;
/** Entries to ask for at a time, where a list takes `n`. */
export const pageSize = 1000;
/** Of one page of names. Bytes. */
export const maximumPage = 32 * 1024 * 1024;
/** Of all pages: what is in them is kept. Bytes. */
const maximumList = 64 * 1024 * 1024;

/** The target of `Link: <…>; rel="next"` (RFC 8288), on the same host; undefined on the last page. */
function nextPage(response: HttpResponse): URL | undefined {
  const link = response.header('link');
  const target = /<([^>]*)>\s*;[^,]*\brel="?next"?/i.exec(link ?? '')?.[1];
  if (target === undefined || !URL.canParse(target, response.url.href)) return undefined;
  const url = new URL(target, response.url);
  if (url.origin === response.url.origin) return url;
  throw new OciError('BUNNY_EREDIRECT', 'the registry continues a list on another host', {
    where: printableUrl(url),
    hint: 'the registry is misconfigured or hostile',
  });
}

/**
 * The answers to a request for a list, page by page, until one is not 200. `ask` sends a request; the
 * consumer reads or discards each answer. Throws BUNNY_EREGISTRY where the list does not end, BUNNY_ELIMIT where it
 * is too long.
 */
export async function* pages(
  first: string,
  ask: (url: URL | string) => Promise<HttpResponse>,
): AsyncGenerator<HttpResponse, void> {
  const seen = new Set<string>();
  let bytes = 0;
  let url: URL | string | undefined = first;
  while (url !== undefined) {
    const response: HttpResponse = await ask(url);
    yield response;
    url = response.status === 200 ? nextPage(response) : undefined;
    if (url === undefined) return;
    bytes += (await response.bytes(maximumPage)).length;
    if (bytes > maximumList) {
      throw new OciError('BUNNY_ELIMIT', `the registry gives a list of more than ${maximumList} bytes`, {
        where: printableUrl(url),
        hint: 'no honest list is so long: the registry is faulty or hostile',
      });
    }
    if (seen.has(url.href) || seen.size >= maximumPages) {
      throw new OciError('BUNNY_EREGISTRY', 'the registry gives a list that does not end', {
        where: printableUrl(url),
        hint: 'the registry is faulty; ask its operator',
      });
    }
    seen.add(url.href);
  }
}
