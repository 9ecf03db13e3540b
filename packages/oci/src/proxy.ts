import { OciError } from './errors.js';
import { isLoopback } from './reference.js';

/**
 * The proxy that the environment names for a URL, by the rules that curl and Go share: `HTTPS_PROXY`,
 * `HTTP_PROXY` (in either case; `HTTP_PROXY` not in CGI), `NO_PROXY` with host names, `.suffixes`,
 * addresses and `*`. Loopback hosts are never proxied. Throws BUNNY_EREFERENCE where it is no URL.
 */
export function proxyFor(url: URL, environment: NodeJS.ProcessEnv): URL | undefined {
  if (isLoopback(url.host) || isExempt(url, environment.NO_PROXY ?? environment.no_proxy ?? ''))
    return undefined;
  const name = url.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY';
  const upper =
    name === 'HTTP_PROXY' && environment.REQUEST_METHOD !== undefined ? undefined : environment[name];
  const text = environment[name.toLowerCase()] || upper;
  if (!text) return undefined;
  const full = text.includes('://') ? text : `http://${text}`;
  if (/^https?:/.test(full) && URL.canParse(full)) return new URL(full);
  throw new OciError('BUNNY_EREFERENCE', `${name} is not the URL of a proxy`, {
    hint: 'write http://host:port',
    exitStatus: 2,
  });
}

function isExempt(url: URL, list: string): boolean {
  const host = url.hostname.replace(/^\[|\]$/g, '').toLowerCase();
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  return list
    .split(',')
    .map((each) => each.trim().toLowerCase())
    .some((each) => {
      if (each === '') return false;
      if (each === '*') return true;
      const [, name = '', wanted] = /^\[?(.*?)\]?(?::(\d+))?$/.exec(each) ?? [];
      if (wanted !== undefined && wanted !== port) return false;
      const bare = name.replace(/^\*?\./, '');
      return host === bare || host.endsWith(`.${bare}`);
    });
}

/** The header that shows a proxy the name and password in its URL (RFC 9110, section 11.7.2). */
export function proxyAuthorization(proxy: URL): Record<string, string> {
  if (proxy.username === '') return {};
  const pair = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`;
  return { 'proxy-authorization': `Basic ${Buffer.from(pair).toString('base64')}` };
}
