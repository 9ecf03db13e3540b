import type { SigningKey } from '../keys/signing-key.js';
import { Unusable } from './claims.js';
import { base64Bytes, jsonObject, objectOf } from './json-parts.js';

/** Sigstore bundles around DSSE envelopes, as cosign 3 writes them for images that are signed with a key. */
export const bundleType = 'application/vnd.dev.sigstore.bundle.v0.3+json';
const payloadType = 'application/vnd.in-toto+json';

/** Bytes. A signature has less than a thousand; one with certificates and proofs of a log some ten thousand. */
export const largestBundle = 1024 * 1024;

/** What is signed, apart from what the signature is about. */
export interface Signed {
  /** The bytes that the signature is of. */
  message: Uint8Array;
  signature: Uint8Array;
  payload: Uint8Array;
  /** The text of the bundle, where it is signed with a certificate. */
  bundle?: string;
}

/** Whether this is the media type of a bundle, of this version or an older one. */
export function isBundleType(mediaType: string): boolean {
  return /^application\/vnd\.dev\.sigstore\.bundle(?:\.v0\.3\+json|\+json;\s*version="?0\.[123]"?)$/.test(
    mediaType,
  );
}

/** Signs a payload and wraps it up. */
export function writeBundle(payload: Uint8Array, key: SigningKey): Buffer {
  const signature = key.sign(preAuthentication(payload));
  const verificationMaterial = { publicKey: { hint: key.publicKey.hint } };
  return bundleText(verificationMaterial, envelopeOf(payload, signature));
}

/** A bundle as text. */
export function bundleText(verificationMaterial: object, dsseEnvelope: object): Buffer {
  return Buffer.from(JSON.stringify({ mediaType: bundleType, verificationMaterial, dsseEnvelope }));
}

/** A payload with its signature: a DSSE envelope. */
export function envelopeOf(payload: Uint8Array, signature: Uint8Array) {
  return {
    payload: Buffer.from(payload).toString('base64'),
    payloadType,
    signatures: [{ sig: Buffer.from(signature).toString('base64') }],
  };
}

/**
 * Takes a bundle apart. The key that it hints at is not looked at: a hint is nobody's word. Nor is a certificate, which is
 * looked at under a trusted root. Throws Unusable.
 */
export function readBundle(bytes: Uint8Array): Signed {
  const bundle = jsonObject(bytes, 'the bundle', largestBundle);
  if (typeof bundle.mediaType !== 'string' || !isBundleType(bundle.mediaType)) {
    throw new Unusable('a bundle of an unknown version');
  }
  const material = objectOf(bundle.verificationMaterial, 'the verification material of the bundle');
  const isCertified = material.certificate !== undefined || material.x509CertificateChain !== undefined;
  if (material.publicKey === undefined && !isCertified)
    throw new Unusable('it has neither key nor certificate');
  if (bundle.dsseEnvelope === undefined) throw new Unusable('the bundle holds no statement');
  const envelope = objectOf(bundle.dsseEnvelope, 'the envelope of the bundle');
  if (envelope.payloadType !== payloadType) throw new Unusable('what is signed is no in-toto statement');
  const payload = base64Bytes(envelope.payload, 'the payload of the bundle');
  const signatures = Array.isArray(envelope.signatures) ? envelope.signatures : [];
  // More than one is no bundle (sigstore, "DSSE envelope"): readers would differ about which one counts.
  if (signatures.length !== 1) throw new Unusable('the bundle does not hold exactly one signature');
  const signature = base64Bytes(objectOf(signatures[0], 'a signature').sig, 'the signature');
  return {
    message: preAuthentication(payload),
    signature,
    payload,
    ...(isCertified ? { bundle: Buffer.from(bytes).toString('utf8') } : {}),
  };
}

/** What a DSSE signature is of (DSSE 1.0, "PAE"). */
export function preAuthentication(payload: Uint8Array, type: string = payloadType): Buffer {
  const head = `DSSEv1 ${Buffer.byteLength(type)} ${type} ${payload.length} `;
  return Buffer.concat([Buffer.from(head), payload]);
}
