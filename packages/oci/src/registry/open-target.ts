import type { Reference } from '../content/reference.js';
import type { Target } from '../content/target.js';
import type { Credential } from './credentials.js';
import { Network, type NetworkOptions } from './network.js';

export type TargetOptions = NetworkOptions;

/** Of those who say no options. */
let shared: Network | undefined;

function networkOf(options: TargetOptions | undefined): Network {
  if (options !== undefined) return new Network(options);
  shared ??= new Network();
  return shared;
}

/**
 * Opens one repository, on a registry or in an image layout; a tag or digest in the reference is left
 * to the caller. No request is made. Targets that are opened without options share connections and tokens; with
 * options each has its own: a `Network` gives targets that share theirs. Throws as `Network.open`.
 */
export function openTarget(reference: string | Reference, options?: TargetOptions): Target {
  return networkOf(options).open(reference);
}

/** Lists repositories as `Network.repositories`, with connections as `openTarget`. */
export async function listRepositories(
  namespace: string | Reference,
  options?: TargetOptions,
): Promise<string[] | undefined> {
  return await networkOf(options).repositories(namespace);
}

/** Checks a login as `Network.checkLogin`, with connections as `openTarget`. */
export async function checkLogin(
  host: string,
  credential: Credential,
  options?: TargetOptions,
): Promise<Credential> {
  return await networkOf(options).checkLogin(host, credential);
}
