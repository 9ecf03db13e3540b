import { Network, type NetworkOptions, type Target } from 'bunny-libos-oci';
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
  const network = new Network(networkOptions(flags, terminal));
  return (reference) => network.open(reference);
}

/** The options that the command line says. */
export function networkOptions(flags: NetworkFlags, terminal?: Terminal): NetworkOptions {
  return {
    plainHttp: flags.plainHttp,
    insecureHosts: flags.insecure,
    caFiles: flags.caFile,
    onWarning: terminal && ((warning, host) => terminal.warn(`${host} says: ${warning}`)),
    onNotice: terminal && ((text) => terminal.warn(text)),
  };
}
