import type { Descriptor, Target, TransferOptions } from 'bunny-libos-oci';
import { findSignatures } from './find.js';
import type { Found } from './found-signature.js';

/**
 * The signatures of a manifest wherever it is delivered from, place by place, until there are enough: a copy need not have
 * all that its home has, and a signature is worth the same wherever it is from. Throws what the first place threw that
 * could not be read, where the others did not have enough.
 */
export async function gatherSignatures(
  sources: readonly Target[],
  descriptor: Descriptor,
  isEnough: (found: Found) => boolean,
  options: TransferOptions = {},
): Promise<Found> {
  let all: Found = { signatures: [], unusable: [] };
  const failures: unknown[] = [];
  for (const source of sources) {
    try {
      const found = await findSignatures(source, descriptor, options);
      all = {
        signatures: distinct([...all.signatures, ...found.signatures]),
        unusable: distinct([...all.unusable, ...found.unusable]),
      };
    } catch (error) {
      if (options.signal?.aborted) throw error;
      failures.push(error);
    }
    if (isEnough(all)) return all;
  }
  if (failures.length > 0) throw failures[0];
  return all;
}

/** By what they are in: of two signatures over one payload, which a tag holds as one blob, both stay. */
function distinct<Each extends { digest: string; signature?: Uint8Array }>(all: readonly Each[]): Each[] {
  const keyOf = ({ digest, signature }: Each) => `${digest} ${Buffer.from(signature ?? []).toString('hex')}`;
  return [...new Map(all.map((each) => [keyOf(each), each])).values()];
}
