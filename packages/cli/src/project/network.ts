import { openTarget, parseReference, type Target, type TargetOptions } from 'bunny-libos-oci';
import type { Terminal } from '../terminal/terminal.js';

/** How registries are talked to, as the command line says it. */
export interface NetworkFlags {
  /** Also to other hosts than loopback without TLS; false: with TLS even to loopback. */
  plainHttp?: boolean;
  /** Hosts (with their port) whose certificate is not checked. */
  insecure?: readonly string[];
  /** PEM files of further authorities. */
  caFile?: readonly string[];
}

const openers = new WeakMap<NetworkFlags, (reference: string) => Target>();

/**
 * Opens repositories as the command line says. Warnings of a registry are shown once. What is opened with the
 * same flags shares connections and tokens.
 */
export function openerOf(flags: NetworkFlags, terminal?: Terminal): (reference: string) => Target {
  const opener = openers.get(flags) ?? newOpener(flags, terminal);
  openers.set(flags, opener);
  return opener;
}

function newOpener(flags: NetworkFlags, terminal: Terminal | undefined): (reference: string) => Target {
  const { usual, insecure } = targetOptions(flags, terminal);
  const hosts = new Set((flags.insecure ?? []).map((host) => host.toLowerCase()));
  return (reference) => {
    const parsed = parseReference(reference);
    return openTarget(parsed, parsed.kind === 'registry' && hosts.has(parsed.host) ? insecure : usual);
  };
}

/** The options for a registry by its host. */
export function registryOptions(host: string, flags: NetworkFlags, terminal?: Terminal): TargetOptions {
  const { usual, insecure } = targetOptions(flags, terminal);
  return flags.insecure?.some((each) => each.toLowerCase() === host.toLowerCase()) ? insecure : usual;
}

function targetOptions(
  flags: NetworkFlags,
  terminal: Terminal | undefined,
): { usual: TargetOptions; insecure: TargetOptions } {
  const usual: TargetOptions = {
    ...(flags.plainHttp === undefined ? {} : { plainHttp: flags.plainHttp }),
    ...(flags.caFile === undefined ? {} : { caFiles: flags.caFile }),
    ...(terminal === undefined
      ? {}
      : {
          onWarning: (warning, host) => terminal.warn(`${host} says: ${warning}`),
          onNotice: (text) => terminal.warn(text),
        }),
  };
  // Who names a host as insecure has TLS there, with a certificate that nobody vouches for.
  return { usual, insecure: { ...usual, plainHttp: false, insecure: true } };
}
