import type { Descriptor, Target, TransferOptions } from 'bunny-libos-oci';
import { findBundles } from './attached-bundles.js';
import type { Found } from './found-signature.js';
import { findTagged } from './signature-tag.js';

/**
 * All signatures of a manifest that a target has, in both forms, sorted. What is damaged, too large or about something
 * else is among the unusable. Throws what the target throws where it cannot be read: that is not "no signature".
 */
export async function findSignatures(
  target: Target,
  subject: Descriptor,
  options: TransferOptions = {},
): Promise<Found> {
  const [bundles, tagged] = await Promise.all([
    findBundles(target, subject, options),
    findTagged(target, subject, options),
  ]);
  const inOrder = <Each extends { digest: string }>(all: Each[]) =>
    all.sort((a, b) => (a.digest < b.digest ? -1 : a.digest > b.digest ? 1 : 0));
  return {
    signatures: inOrder([...bundles.signatures, ...tagged.signatures]),
    unusable: inOrder([...bundles.unusable, ...tagged.unusable]),
  };
}
