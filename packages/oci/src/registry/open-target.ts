import { OciError } from '../content/errors.js';
import { formatReference, parseReference, type Reference } from '../content/reference.js';
import type { Target } from '../content/target.js';
import { Layout } from '../disk/layout.js';
import { RegistryClient, type RegistryOptions } from './client.js';
import { RegistryTarget } from './target.js';

export type TargetOptions = RegistryOptions;

type Clients = Map<string, RegistryClient>;

const usual: TargetOptions = {};

// Repositories of one registry share connections, tokens and what was learned about it.
const byObject = new WeakMap<object, Clients>();
const byValue = new Map<string, Clients>();

function clientsFor(options: TargetOptions): Clients {
  const known = byObject.get(options);
  if (known !== undefined) return known;
  // Plain values are compared; functions and environments are compared by identity, with their object.
  const isPlain = Object.entries(options).every(
    ([key, value]) => typeof value !== 'function' && key !== 'environment',
  );
  const key = JSON.stringify(Object.entries(options).sort(([a], [b]) => (a < b ? -1 : 1)));
  const clients: Clients = (isPlain ? byValue.get(key) : undefined) ?? new Map();
  if (isPlain) byValue.set(key, clients);
  byObject.set(options, clients);
  return clients;
}

/**
 * Opens one repository, on a registry or in an image layout; a tag or digest in the reference is left
 * to the caller. No request is made. Targets that are opened with the same options share connections
 * and tokens per registry; options with functions in them are the same where the object is. Throws
 * BUNNY_EREFERENCE.
 */
export function openTarget(reference: string | Reference, options: TargetOptions = usual): Target {
  const parsed = typeof reference === 'string' ? parseReference(reference) : reference;
  if (parsed.kind === 'layout') return new Layout(parsed.directory, parsed.path, options.onNotice);
  if (parsed.path === '') {
    throw new OciError('BUNNY_EREFERENCE', `${formatReference(parsed)} names a registry but no repository`, {
      where: formatReference(parsed),
      hint: 'write host[:port]/path',
      exitStatus: 2,
    });
  }
  return new RegistryTarget(openRegistry(parsed.host, options), parsed.path);
}

/** The client of a registry, shared as `openTarget` says. */
export function openRegistry(host: string, options: TargetOptions = usual): RegistryClient {
  const clients = clientsFor(options);
  const client = clients.get(host) ?? new RegistryClient(host, options);
  clients.set(host, client);
  return client;
}
