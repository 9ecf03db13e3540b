import type { LookupFunction } from 'node:net';

/** Whether a name stands for this machine, whatever a resolver says. */
export function isLoopbackName(name: string): boolean {
  return /^(?:.+\.)?localhost\.?$/i.test(name);
}

/**
 * Looks a name up as the system does; `localhost` and what is below it are this machine without asking anybody (RFC 6761,
 * section 6.3): a container need not have /etc/hosts, and a resolver must not say otherwise.
 */
export const lookupAddress: LookupFunction = (name, options, callback) => {
  if (!isLoopbackName(name)) {
    // Who talks to nobody does without it.
    import('node:dns')
      .then((dns) => dns.lookup(name, options, callback))
      .catch((error: NodeJS.ErrnoException) => callback(error, ''));
    return;
  }
  const { family } = options;
  const addresses = [
    { address: '127.0.0.1', family: 4 },
    { address: '::1', family: 6 },
  ].filter((each) => !family || family === `IPv${each.family}` || family === each.family);
  const [first] = addresses;
  if (options.all) callback(null, addresses);
  else callback(null, first?.address ?? '', first?.family ?? 4);
};
