import { BlockList, isIP } from 'node:net';
import querystring from 'node:querystring';
import { OciError } from '../content/errors.js';
import { isLoopback } from '../content/reference.js';

/**
 * The proxy that the environment names for a URL, by the rules that curl and Go share: `HTTPS_PROXY`,
 * `HTTP_PROXY` (in either case; `HTTP_PROXY` not in CGI), `NO_PROXY` with host names, `.suffixes`,
 * addresses, networks (`10.0.0.0/8`) and `*`. Loopback hosts are never proxied. Throws BUNNY_EREFERENCE where it is no URL.
 */
export function proxyFor(url: URL, environment: NodeJS.ProcessEnv): URL | undefined {
  if (isLoopback(url.host) || isExempt(url, environment.NO_PROXY || environment.no_proxy || ''))
    return undefined;
  const name = url.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY';
  const upper =
    name === 'HTTP_PROXY' && environment.REQUEST_METHOD !== undefined ? undefined : environment[name];
  const text = environment[name.toLowerCase()] || upper;
  if (!text) return undefined;
  const full = text.includes('://') ? text : `http://${text}`;
  if (/^https?:/.test(full) && URL.canParse(full)) return new URL(full);
  throw new OciError('BUNNY_EREFERENCE', `${name} is not the URL of a proxy`, {
    where: name,
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
      if (each.includes('/')) return isWithin(host, each);
      // An IPv6 address without brackets has no port.
      if (isIP(each) === 6) return isWithin(host, `${each}/128`);
      const [, name = '', wanted] = /^\[?(.*?)\]?(?::(\d+))?$/.exec(each) ?? [];
      if (wanted !== undefined && wanted !== port) return false;
      const bare = name.replace(/^\*?\./, '');
      return host === bare || host.endsWith(`.${bare}`);
    });
}

/** Whether a host is an address within a network in CIDR notation. */
function isWithin(host: string, network: string): boolean {
  const [, address = '', prefix] = /^(.*)\/(\d{1,3})$/.exec(network) ?? [];
  const [family, own] = [isIP(address), isIP(host)];
  if (family === 0 || family !== own || Number(prefix) > (family === 4 ? 32 : 128)) return false;
  const type = family === 4 ? 'ipv4' : 'ipv6';
  const list = new BlockList();
  list.addSubnet(address, Number(prefix), type);
  return list.check(host, type);
}

/** The name that a proxy's certificate has to be for, as TLS asks for it: none for an address. */
export function serverName(proxy: URL): string {
  return isIP(proxy.hostname.replace(/^\[|\]$/g, '')) === 0 ? proxy.hostname : '';
}

/** The header that shows a proxy the name and password in its URL (RFC 9110, section 11.7.2). */
export function proxyAuthorization(proxy: URL): Record<string, string> {
  if (proxy.username === '') return {};
  // Unlike decodeURIComponent it takes a `%` that begins no escape for itself.
  const pair = `${querystring.unescape(proxy.username)}:${querystring.unescape(proxy.password)}`;
  return { 'proxy-authorization': `Basic ${Buffer.from(pair).toString('base64')}` };
}
