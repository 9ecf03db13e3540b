import { BlockList, isIP, type LookupFunction } from 'node:net';
import { OciError } from '../content/errors.js';
import { printableUrl } from './fault.js';
import { isLoopbackName, lookupAddress } from './name-lookup.js';

/** Classes of addresses by who can reach them (RFC 6890). */
export type Reach = 'loopback' | 'private' | 'link-local' | 'public';

const lists: [Reach, BlockList][] = [
  ['loopback', list([['127.0.0.0', 8]], [['::1', 128]])],
  [
    'link-local',
    list(
      [
        ['169.254.0.0', 16],
        ['0.0.0.0', 8],
        ['224.0.0.0', 3],
      ],
      [
        ['fe80::', 10],
        ['::', 128],
        ['ff00::', 8],
      ],
    ),
  ],
  [
    'private',
    list(
      [
        ['10.0.0.0', 8],
        ['172.16.0.0', 12],
        ['192.168.0.0', 16],
        ['100.64.0.0', 10],
      ],
      [['fc00::', 7]],
    ),
  ],
];

function list(v4: [string, number][], v6: [string, number][]): BlockList {
  const found = new BlockList();
  for (const [address, prefix] of v4) found.addSubnet(address, prefix, 'ipv4');
  for (const [address, prefix] of v6) found.addSubnet(address, prefix, 'ipv6');
  return found;
}

/** How far an address reaches; undefined for a name. IPv4 addresses within IPv6 are judged as IPv4. */
export function reachOf(host: string): Reach | undefined {
  const bare = host
    .replace(/^\[|\]$/g, '')
    .replace(/%.*$/, '')
    .toLowerCase();
  if (isLoopbackName(bare)) return 'loopback';
  const family = isIP(bare);
  if (family === 0) return undefined;
  const mapped = family === 6 ? mappedV4(bare) : undefined;
  const address = mapped ?? bare;
  const type = mapped !== undefined || family === 4 ? 'ipv4' : 'ipv6';
  for (const [reach, addresses] of lists) if (addresses.check(address, type)) return reach;
  return 'public';
}

/** The IPv4 address in `::ffff:a.b.c.d`, `::ffff:7f00:1` (as URL writes it) or `64:ff9b::…`. */
function mappedV4(address: string): string | undefined {
  const dotted = /^(?:::ffff:|64:ff9b::)(\d+\.\d+\.\d+\.\d+)$/.exec(address)?.[1];
  if (dotted !== undefined) return dotted;
  const [, high, low] = /^(?:::ffff:|64:ff9b::)([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(address) ?? [];
  if (high === undefined || low === undefined) return undefined;
  const [a, b] = [Number.parseInt(high, 16), Number.parseInt(low, 16)];
  return [a >> 8, a & 255, b >> 8, b & 255].join('.');
}

/**
 * Throws BUNNY_EREDIRECT where a registry at `from` may not send a client to `to`: another scheme than
 * http(s), from TLS to none, a link-local address (metadata services live there), or a loopback or
 * private address from a registry that is not at such an address itself. `peer` is the address that
 * `from` was reached at, if known: its name need not tell.
 */
export function checkLeadsTo(from: URL, to: URL, peer?: string): void {
  if (to.protocol !== 'https:' && to.protocol !== 'http:') throw refusal(from, to, `over ${to.protocol}`);
  if (from.protocol === 'https:' && to.protocol === 'http:') throw refusal(from, to, 'without TLS');
  if (to.username !== '' || to.password !== '') throw refusal(from, to, 'with credentials of its own');
  if (from.hostname === to.hostname) return;
  const reach = reachOf(to.hostname);
  if (reach !== undefined) checkReach(from, to, reach, peer);
}

function checkReach(from: URL, to: URL, reach: Reach, peer: string | undefined): void {
  const own = reachOf(from.hostname) ?? reachOf(peer ?? '');
  if (reach === 'public' || (reach !== 'link-local' && reach === own)) return;
  throw refusal(from, to, `at a ${reach} address`);
}

function refusal(from: URL, to: URL, why: string): OciError {
  const where = to.protocol === 'https:' || to.protocol === 'http:' ? printableUrl(to) : to.protocol;
  return new OciError('BUNNY_EREDIRECT', `${from.host} redirects to a place ${why}, which is not followed`, {
    where,
    hint: 'the server, or someone on the way to it, is misconfigured or hostile',
  });
}

/**
 * Looks names up for a request that `from` led to, and refuses addresses that `checkLeadsTo` would
 * refuse: a name may hide them.
 */
export function guardedLookup(from: URL, to: URL, peer?: string): LookupFunction | undefined {
  if (from.hostname === to.hostname || isIP(to.hostname.replace(/^\[|\]$/g, '')) !== 0) return undefined;
  return (hostname, options, callback) => {
    lookupAddress(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null || typeof addresses === 'string') {
        callback(error, '', 4);
        return;
      }
      try {
        for (const { address } of addresses) checkReach(from, to, reachOf(address) ?? 'public', peer);
      } catch (refusal) {
        callback(refusal as Error, '', 4);
        return;
      }
      const first = addresses[0];
      if (options.all) callback(null, addresses);
      else callback(null, first?.address ?? '', first?.family ?? 4);
    });
  };
}
