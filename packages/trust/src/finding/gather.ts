import { indexedStatements, statementsOf } from 'bunny-libos-namespace';
import type { Descriptor, Target, TransferOptions } from 'bunny-libos-oci';
import { findAttestations } from '../attestations/attestation.js';
import { certify } from '../keyless/certify.js';
import type { TrustedRoot } from '../keyless/trusted-root.js';
import { foundIn, readPublications } from '../publication/statement.js';
import { contentFault } from '../signatures/content-fault.js';
import { findSignatures } from '../signatures/find.js';
import type { Found } from '../signatures/found-signature.js';

export interface GatherOptions extends TransferOptions {
  /** Of the component whose variant this is: statements about it are looked for too. */
  version?: string | undefined;
  /** Attestations are looked for too. */
  attestations?: boolean | undefined;
  /** What certificates are checked under before `isEnough` judges. */
  roots?: readonly TrustedRoot[] | undefined;
}

/**
 * The signatures of a manifest wherever it is delivered from, place by place, until there are enough: a copy need not have
 * all that its home has, and a signature is worth the same wherever it is from. What costs least comes first: the index
 * of its version. Throws what the first place threw that could not be read, where the others did not have enough.
 */
export async function gatherSignatures(
  sources: readonly Target[],
  descriptor: Descriptor,
  isEnough: (found: Found) => boolean,
  { version, attestations = false, roots = [], ...options }: GatherOptions = {},
): Promise<Found> {
  let all: Found = { signatures: [], unusable: [] };
  const failures: unknown[] = [];
  const stated = async (texts: Promise<ReadonlyMap<string, string>>): Promise<Found> => {
    try {
      return foundIn(readPublications((await texts).values()), descriptor.digest);
    } catch (error) {
      const reason = contentFault(error);
      return { signatures: [], unusable: [{ form: 'statement', digest: descriptor.digest, reason }] };
    }
  };
  const attached = async (source: Target): Promise<Found> => {
    const signatures = await findSignatures(source, descriptor, options);
    if (!attestations) return signatures;
    const others = await findAttestations(source, descriptor, options);
    return {
      ...signatures,
      unusable: [...signatures.unusable, ...others.unusable],
      attestations: others.attestations,
    };
  };
  const ways = [
    ...(version === undefined
      ? []
      : [(source: Target) => stated(indexedStatements(source, version, options))]),
    (source: Target) => attached(source),
    ...(version === undefined ? [] : [(source: Target) => stated(statementsOf(source, version, options))]),
  ];
  for (const source of sources) {
    for (const find of ways) {
      try {
        const found = await certify(await find(source), roots);
        all = {
          signatures: distinct([...all.signatures, ...found.signatures]),
          unusable: distinct([...all.unusable, ...found.unusable]),
          rotations: [...(all.rotations ?? []), ...(found.rotations ?? [])],
          attestations: [...(all.attestations ?? []), ...(found.attestations ?? [])],
        };
      } catch (error) {
        if (options.signal?.aborted) throw error;
        failures.push(error);
        break;
      }
      if (isEnough(all)) return all;
    }
  }
  if (failures.length > 0) throw failures[0];
  return all;
}

/** By what they are in: of two signatures over one payload, which a tag holds as one blob, both stay. */
function distinct<Each extends { digest: string; signature?: Uint8Array }>(all: readonly Each[]): Each[] {
  const keyOf = ({ digest, signature }: Each) => `${digest} ${Buffer.from(signature ?? []).toString('hex')}`;
  return [...new Map(all.map((each) => [keyOf(each), each])).values()];
}
