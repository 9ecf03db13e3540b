import { attachedTexts } from 'bunny-libos-namespace';
import { type Descriptor, manifestType, type Target, type TransferOptions } from 'bunny-libos-oci';
import { mediaTypes } from 'bunny-libos-spec';

/**
 * The descriptions of types that a variant has: none where its framework did not make any, several only where somebody
 * attached more than `bunny publish` did. Throws BUNNY_EMETADATA, and what the registry throws.
 */
export async function attachedTypes(
  target: Target,
  { digest, size }: Pick<Descriptor, 'digest' | 'size'>,
  options: TransferOptions = {},
): Promise<string[]> {
  const named = { what: 'types', hint: 'remove it: `bunny publish` attaches what it makes' };
  const subject = { mediaType: manifestType, digest, size };
  return [...new Set(await attachedTexts(target, subject, mediaTypes.types, named, options))];
}
