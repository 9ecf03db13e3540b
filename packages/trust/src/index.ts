/**
 * Who signed a layer, and whether that is enough.
 *
 *   newKeyPair, writeKeyPair          keys in the form that cosign writes and reads
 *   readKeyText                       the text of a key in a file or a variable
 *   readSigningKey                    private keys, to sign with
 *   readVerificationKey               public keys, to check signatures with
 *   signManifest                      signs a manifest on any target, as cosign 3 and cosign 2 do
 *   checkSignatures                   what is signed, and by whom: read, then judged
 *   gatherSignatures                  the same from all places that deliver a manifest
 *   stateVariants                     one signed statement about all variants of a version
 *   writeRotationFile                 says, signed by one key, which other one replaces it
 *   spdxDocument, cyclonedxDocument   what an image is made of, as others read it
 *   lockedSubjects, publishedSubjects what a lock pins, and what a reference names, as it is signed
 *   attest, findAttestations          what else is said of a layer, signed: provenance and others
 *   readTrustedRoot                   whose certificates, logs and timestamps count
 *   keylessSigner                     signs with a certificate instead of a key
 *   findIdentityToken                 who that is for, as an OIDC issuer says
 *   Gate                              lets pass what the policies allow
 *   openPolicy, evaluate              what policies say of a subject with its signatures
 *   canonicalRepository               the name that signatures are for
 */

export { type Advisory, affects } from './advisories/osv.js';
export { readAdvisories } from './advisories/read.js';
export { attest, attestedBy, findAttestations } from './attestations/attestation.js';
export { imageProvenance, statementMediaType } from './attestations/image-provenance.js';
export { predicateName, predicateType } from './attestations/predicates.js';
export { layerProvenance } from './attestations/provenance.js';
export { gatherSignatures } from './finding/gather.js';
export { Gate } from './gate/gate.js';
export { certifyAll } from './keyless/certify.js';
export { type KeylessSigner, keylessSigner } from './keyless/keyless-signer.js';
export { findIdentityToken } from './keyless/token-source.js';
export { largestTrustedRoot, readTrustedRoot, type TrustedRoot } from './keyless/trusted-root.js';
export { writeKeyPair } from './keys/key-files.js';
export { readKeyText } from './keys/key-place.js';
export { newKeyPair, readSigningKey, type SigningKey } from './keys/signing-key.js';
export { readVerificationKey } from './keys/verification-key.js';
export { isLicenceAllowed } from './licences/allowed.js';
export { authorsFor, evaluate, needsSignatures, rootsFor } from './policy/evaluate.js';
export { identityLike } from './policy/identity-pattern.js';
export { type OpenPolicy, openPolicy } from './policy/open-policy.js';
export { policyFileName, userPolicyFile } from './policy/policy-files.js';
export { refusedByPolicy } from './policy/refusal.js';
export { writePolicyFile } from './policy/write-policy.js';
export {
  type StatedVersion,
  type StateOptions,
  stateVariants,
  unstatedVariants,
} from './publication/state.js';
export { readRotationFile, writeRotationFile } from './rotation/file.js';
export { attachedSboms, attachSbom } from './sbom/attach.js';
export { namedSbomFormats, type SbomFormat, sbomText } from './sbom/formats.js';
export { type BilledImage, imageBill } from './sbom/image-bill.js';
export { layerBill } from './sbom/layer-bill.js';
export { lockedParts } from './sbom/locked-parts.js';
export type { Author } from './signatures/author.js';
export { canonicalRepository } from './signatures/canonical-repository.js';
export { type Binding, checkSignatures } from './signatures/check.js';
export type { Subject } from './signatures/claims.js';
export type {
  AttachedForm,
  Found,
  SignatureForm,
} from './signatures/found-signature.js';
export { signManifest } from './signatures/sign.js';
export type { Signer } from './signatures/signer.js';
export { untrusted } from './signatures/untrusted.js';
export { lockedSubjects } from './subjects/locked-subjects.js';
export { publishedSubjects } from './subjects/published-subjects.js';
