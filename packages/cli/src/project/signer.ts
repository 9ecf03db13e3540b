import type { Network } from 'bunny-libos-oci';
import { BunnyError, exitStatus } from 'bunny-libos-spec';
import type { KeylessSigner } from 'bunny-libos-trust';
import type { Run } from '../options/command.js';
import type { keylessFlags, networkFlags } from '../options/flags.js';
import { openNetwork } from './network.js';
import { openTrustedRoot } from './trusted-root.js';

/**
 * Who signs with a certificate, where the command line asks for that; undefined where it does not. Throws BUNNY_EUSAGE for
 * flags without --keyless, BUNNY_ETRUSTEDROOT.
 */
export async function openKeyless(
  context: Run<typeof keylessFlags & typeof networkFlags>,
  network: Network = openNetwork(context),
): Promise<KeylessSigner | undefined> {
  const { flags, terminal, signal } = context;
  const {
    identityToken: given,
    oidcIssuer: issuer,
    fulcioUrl: fulcio,
    rekorUrl: rekor,
    timestampUrl,
  } = flags;
  if (!flags.keyless) {
    if ([given, issuer, fulcio, rekor, timestampUrl, flags.trustedRoot].every((each) => each === undefined))
      return undefined;
    throw whoSigns('--keyless', '--keyless');
  }
  const root = await openTrustedRoot(flags.trustedRoot);
  const { keylessSigner, findIdentityToken } = await import('bunny-libos-trust');
  const onPrompt = (address: string, code: string) =>
    terminal.note(`sign in at ${address} with the code ${code}`);
  return keylessSigner({
    hosts: network,
    root,
    services: { fulcio, rekor, timestamp: timestampUrl },
    identityToken: () => findIdentityToken(network, { given, issuer }, { onPrompt, signal }),
    signal,
  });
}

/** The error where nothing says who signs, or two things do. */
export function whoSigns(where: string, otherwise: string): BunnyError {
  return new BunnyError('BUNNY_EUSAGE', 'either a key signs, or whoever --keyless is for', {
    where,
    hint: `give ${otherwise}, or --keyless with the flags that are about it`,
    exitStatus: exitStatus.usage,
  });
}
