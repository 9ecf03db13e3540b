/**
 * Who signed a layer, and whether that is enough.
 *
 *   newKeyPair, writeKeyPair          keys in the form that cosign writes and reads
 *   readKeyText                       the text of a key in a file or a variable
 *   readSigningKey                    private keys, to sign with
 *   readVerificationKey               public keys, to check signatures with
 */
export { writeKeyPair } from './keys/key-files.js';
export { readKeyText } from './keys/key-place.js';
export { type KeyPairTexts, newKeyPair, readSigningKey, type SigningKey } from './keys/signing-key.js';
export { readVerificationKey, type VerificationKey } from './keys/verification-key.js';
