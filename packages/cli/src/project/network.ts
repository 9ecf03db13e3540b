import { Network } from 'bunny-libos-oci';
import type { Run } from '../options/command.js';
import type { networkFlags } from '../options/flags.js';

/**
 * The network of a command, as the command line says it: made once, and all that the command opens comes from it. A
 * warning of a registry is shown once.
 */
export function openNetwork({ flags, terminal, signal }: Run<typeof networkFlags>): Network {
  return new Network({
    plainHttp: flags.plainHttp,
    insecureHosts: flags.insecure,
    caFiles: flags.caFile,
    signal,
    onWarning: (warning, host) => terminal.warn(`${host} says: ${warning}`),
    onNotice: (text) => terminal.warn(text),
  });
}
