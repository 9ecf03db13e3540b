/**
 * Who signed a layer, and whether that is enough.
 *
 *   newKeyPair, writeKeyPair          keys in the form that cosign writes and reads
 *   readKeyText                       the text of a key in a file or a variable
 *   readSigningKey                    private keys, to sign with
 *   readVerificationKey               public keys, to check signatures with
 *   signManifest                      signs a manifest on any target, as cosign 3 and cosign 2 do
 *   findSignatures, checkSignatures   what is signed, and by whom: read, then judged
 *   canonicalRepository               the name that signatures are for
 */
export { writeKeyPair } from './keys/key-files.js';
export { readKeyText } from './keys/key-place.js';
export { type KeyPairTexts, newKeyPair, readSigningKey, type SigningKey } from './keys/signing-key.js';
export { readVerificationKey, type VerificationKey } from './keys/verification-key.js';
export { canonicalRepository } from './signatures/canonical-repository.js';
export { type Binding, type Checked, checkSignatures, type Signer } from './signatures/check.js';
export type { Claims, Subject } from './signatures/claims.js';
export { findSignatures } from './signatures/find.js';
export type {
  Found,
  FoundSignature,
  SignatureForm,
  UnusableSignature,
} from './signatures/found-signature.js';
export { type SignOptions, signManifest } from './signatures/sign.js';
