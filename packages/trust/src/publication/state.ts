import { pushStatement, statementsOf } from 'bunny-libos-namespace';
import type { Target, TransferOptions } from 'bunny-libos-oci';
import type { SigningKey } from '../keys/signing-key.js';
import { checkSignatures } from '../signatures/check.js';
import { type Signer, signerOf } from '../signatures/signer.js';
import { readPublications, statedSignatures, statePublication, type ToState } from './statement.js';

export interface StateOptions extends TransferOptions {
  now?: Date | undefined;
  /** What says that this key replaces another, for those who know just that one: texts of `.rotation` files. */
  rotations?: readonly string[] | undefined;
}

/** Variants of one version, in their repository. */
export type StatedVersion = Omit<ToState, 'issued'>;

/** Those of the variants that their signer has not stated yet: two requests. Throws as the target does. */
export async function unstatedVariants(
  target: Target,
  { repository, version, variants }: StatedVersion,
  by: SigningKey | Signer,
  options: TransferOptions = {},
): Promise<StatedVersion['variants']> {
  const signer = signerOf(by);
  const read = readPublications((await statementsOf(target, version, options)).values());
  const publications = await signer.certify(read.publications);
  const author = await signer.author();
  return variants.filter(({ digest, layerHash }) => {
    const found = { signatures: statedSignatures(publications, digest), unusable: [] };
    const subject = { digest, layerHash, repository };
    return checkSignatures(found, [author], subject, 'layer').signers.length === 0;
  });
}

/**
 * Signs variants of a version together, with a statement beside them. The index is not brought up to date with it:
 * `updateVersionIndex` does. Throws as the target does.
 */
export async function stateVariants(
  target: Target,
  version: StatedVersion,
  by: SigningKey | Signer,
  { now = new Date(), rotations = [], ...options }: StateOptions = {},
): Promise<void> {
  const texts = await statePublication({ ...version, issued: now }, by);
  if (texts.length === 0) return;
  for (const text of [...rotations, ...texts]) await pushStatement(target, version.version, text, options);
}
