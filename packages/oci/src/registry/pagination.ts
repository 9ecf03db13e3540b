import { OciError } from '../content/errors.js';
import { printableUrl } from '../http/fault.js';
import { parseLinks } from '../http/links.js';
import type { HttpResponse } from '../http/response.js';

const maximumPages = 10_000;
/** Pages in a row that bring nothing new, which a filter may leave empty. */
const maximumIdlePages = 100;
/** Entries to ask for at a time, where a list takes `n`. */
const pageSize = 1000;
/** Registries that cut a list without a word cut it at a multiple of this. */
const suspiciousSize = 10;
/** Of one page of names. Bytes. */
export const maximumPage = 32 * 1024 * 1024;
/** Of all pages: what is in them is kept. Bytes. */
const maximumList = 64 * 1024 * 1024;

/** A list of a registry, and how it is asked for. */
export interface PagedList<T> {
  /** Path and query of the first page. */
  url: string;
  /** Whether it takes `n`, the number of entries of a page. */
  takesCount: boolean;
  ask(url: URL | string): Promise<HttpResponse>;
  /** The entries on a page; undefined where the answer is none, which it throws or consumes. */
  read(response: HttpResponse): Promise<T[] | undefined>;
  /** What `last` names, and what tells entries apart. */
  nameOf(entry: T): string;
}

/**
 * All entries of a list, each once, over all pages; undefined where there is no list. Pages are followed by their `Link`,
 * which distribution-spec says MAY be sent: a full page without one is asked on from with `last` until nothing
 * new comes, and then once without `n`, as a registry may know neither. Throws BUNNY_EREGISTRY where the list does
 * not end or breaks off, BUNNY_EREDIRECT, BUNNY_ELIMIT where it is too long, and what `ask` and `read` throw.
 */
export async function readList<T>(list: PagedList<T>): Promise<T[] | undefined> {
  const pages = new Pages(list);
  return await pages.all();
}

class Pages<T> {
  readonly #list: PagedList<T>;
  readonly #found = new Map<string, T>();
  readonly #followed = new Set<string>();
  #takesCount: boolean;
  #bytes = 0;
  #idle = 0;

  constructor(list: PagedList<T>) {
    this.#list = list;
    this.#takesCount = list.takesCount;
  }

  async all(): Promise<T[] | undefined> {
    const first = await this.#first();
    const entries = await this.#list.read(first);
    if (entries === undefined) return undefined;
    await this.#add(first, entries);
    if (!(await this.#follow(first)) && this.#isFull(entries)) await this.#goOn(entries);
    return [...this.#found.values()];
  }

  /** The first page; without `n` where the registry does not take as many. */
  async #first(): Promise<HttpResponse> {
    const response = await this.#list.ask(this.#url({}));
    const isRefused = response.status === 400 || response.status === 416 || response.status === 422;
    if (!this.#takesCount || !isRefused) return response;
    await response.discard();
    this.#takesCount = false;
    return await this.#list.ask(this.#url({}));
  }

  #url({ last, count = this.#takesCount }: { last?: string; count?: boolean }): string {
    const query = new URLSearchParams();
    if (count) query.set('n', String(pageSize));
    if (last !== undefined) query.set('last', last);
    const { url } = this.#list;
    if (query.size === 0) return url;
    return `${url}${url.includes('?') ? '&' : '?'}${query}`;
  }

  /** Follows the links to further pages; returns whether there was one. */
  async #follow(first: HttpResponse): Promise<boolean> {
    let response = first;
    for (let isLinked = false; ; isLinked = true) {
      const next = nextPage(response);
      if (next === undefined) return isLinked;
      if (this.#followed.has(next.href) || this.#followed.size >= maximumPages) throw endless(next);
      this.#followed.add(next.href);
      response = await this.#list.ask(next);
      const entries = await this.#list.read(response);
      if (entries === undefined) throw this.#brokenOff(response);
      await this.#add(response, entries);
    }
  }

  #isFull(entries: readonly T[]): boolean {
    return entries.length > 0 && (entries.length >= pageSize || entries.length % suspiciousSize === 0);
  }

  /** Asks for what comes after a page that may have been cut. */
  async #goOn(page: readonly T[]): Promise<void> {
    let last = page.at(-1);
    for (let asked = 0; last !== undefined; asked++) {
      const url = this.#url({ last: this.#list.nameOf(last) });
      if (asked >= maximumPages) throw endless(url);
      const more = await this.#more(url);
      if (more === undefined) break;
      last = more.fresh > 0 && this.#isFull(more.entries) ? more.entries.at(-1) : undefined;
    }
    if (this.#takesCount && page.length >= pageSize) await this.#more(this.#url({ count: false }));
  }

  /** A page that no link led to: a registry may refuse it. */
  async #more(url: string): Promise<{ entries: T[]; fresh: number } | undefined> {
    const response = await this.#list.ask(url);
    if (response.status >= 400 && response.status < 500) {
      await response.discard();
      return undefined;
    }
    const entries = await this.#list.read(response);
    if (entries === undefined) throw this.#brokenOff(response);
    const before = this.#found.size;
    await this.#add(response, entries);
    const isLinked = await this.#follow(response);
    return isLinked ? undefined : { entries, fresh: this.#found.size - before };
  }

  async #add(response: HttpResponse, entries: readonly T[]): Promise<void> {
    const before = this.#found.size;
    for (const entry of entries) {
      const name = this.#list.nameOf(entry);
      if (!this.#found.has(name)) this.#found.set(name, entry);
    }
    this.#idle = this.#found.size === before ? this.#idle + 1 : 0;
    if (this.#idle > maximumIdlePages) throw endless(response.url);
    this.#bytes += (await response.bytes(maximumPage)).length;
    if (this.#bytes > maximumList) {
      throw new OciError('BUNNY_ELIMIT', `the registry sends a list of more than ${maximumList} bytes`, {
        where: printableUrl(response.url),
        hint: 'no valid list is this long: the registry is faulty or hostile',
      });
    }
  }

  #brokenOff(response: HttpResponse): OciError {
    return new OciError('BUNNY_EREGISTRY', 'the registry cut a list short', {
      where: printableUrl(response.url),
      hint: 'run again; if it happens again, ask the operator of the registry',
    });
  }
}

function endless(url: URL | string): OciError {
  return new OciError('BUNNY_EREGISTRY', 'the registry sends a list that does not end', {
    where: typeof url === 'string' ? url : printableUrl(url),
    hint: 'the registry is faulty; ask its operator',
  });
}

/** The target of `rel="next"`, on the same host; undefined on the last page. */
function nextPage(response: HttpResponse): URL | undefined {
  const links = parseLinks(response.header('link') ?? '');
  const target = links.find(({ rel }) => rel.includes('next'))?.target;
  if (target === undefined || !URL.canParse(target, response.url.href)) return undefined;
  const url = new URL(target, response.url);
  // A registry behind a proxy that speaks TLS for it may not know that it is asked by TLS.
  if (url.host === response.url.host) url.protocol = response.url.protocol;
  if (url.origin === response.url.origin) return url;
  throw new OciError('BUNNY_EREDIRECT', 'the registry continues a list on another host', {
    where: printableUrl(url),
    hint: 'the registry is misconfigured or hostile',
  });
}
