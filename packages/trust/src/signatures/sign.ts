import type { Descriptor, Target, TransferOptions } from 'bunny-libos-oci';
import type { SigningKey } from '../keys/signing-key.js';
import { attachBundle } from './attached-bundles.js';
import { checkSignatures } from './check.js';
import type { Subject } from './claims.js';
import { findSignatures } from './find.js';
import type { AttachedForm } from './found-signature.js';
import { addTagged, isTaggable } from './signature-tag.js';
import { type Signer, signerOf } from './signer.js';

export interface SignOptions extends TransferOptions {
  /** Both unless said: cosign 3 reads bundles first, cosign 2 and skopeo know the tag alone. */
  forms?: readonly AttachedForm[] | undefined;
  now?: Date | undefined;
}

/**
 * Signs a manifest, in the forms in which its signer has not signed just this yet. Returns the forms that were written.
 * Throws as the target does.
 */
export async function signManifest(
  target: Target,
  descriptor: Descriptor,
  subject: Subject,
  by: SigningKey | Signer,
  { forms = ['bundle', 'tag'], now = new Date(), ...options }: SignOptions = {},
): Promise<AttachedForm[]> {
  const signer = signerOf(by);
  const found = await findSignatures(target, descriptor, options);
  const signatures = await signer.certify(found.signatures);
  const author = await signer.author();
  const isSigned = (form: AttachedForm) => {
    const own = { signatures: signatures.filter((each) => each.form === form), unusable: [] };
    return checkSignatures(own, [author], subject, 'layer').signers.length > 0;
  };
  const possible = forms.filter((form) => form === 'bundle' || isTaggable(descriptor.digest));
  const missing = possible.filter((form) => !isSigned(form));
  for (const form of missing) {
    if (form === 'bundle') await attachBundle(target, descriptor, subject, signer, now, options);
    else await addTagged(target, descriptor, subject, signer, options);
  }
  return missing;
}
