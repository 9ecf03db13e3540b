import { Network } from 'bunny-libos-oci';
import type { Terminal } from '../terminal/terminal.js';

/** How registries are talked to, as the command line says it. */
export interface NetworkFlags {
  /** Also to other hosts than loopback without TLS; false: with TLS even to loopback. */
  plainHttp?: boolean | undefined;
  /** Hosts (with their port) whose certificate is not checked. */
  insecure?: readonly string[] | undefined;
  /** PEM files of further authorities. */
  caFile?: readonly string[] | undefined;
}

interface NetworkUse {
  flags: NetworkFlags;
  /** What a registry says is shown there. */
  terminal: Terminal;
  signal: AbortSignal;
}

/**
 * The network of a command, as the command line says it: made once, and all that the command opens comes from it. A
 * warning of a registry is shown once.
 */
export function openNetwork({ flags, terminal, signal }: NetworkUse): Network {
  return new Network({
    plainHttp: flags.plainHttp,
    insecureHosts: flags.insecure,
    caFiles: flags.caFile,
    signal,
    onWarning: (warning, host) => terminal.warn(`${host} says: ${warning}`),
    onNotice: (text) => terminal.warn(text),
  });
}
