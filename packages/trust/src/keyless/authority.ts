import { createHash, X509Certificate as NodeCertificate } from 'node:crypto';
import { type Bundle, bundleFromJSON } from '@sigstore/bundle';
import { X509Certificate as Certificate } from '@sigstore/core';
import { TrustedRoot as TrustedRootMessage } from '@sigstore/protobuf-specs';
import {
  type SignedEntity,
  type TrustMaterial,
  toSignedEntity,
  toTrustMaterial,
  Verifier,
} from '@sigstore/verify';
import type { Certification, Certified } from '../signatures/author.js';
import { largestBundle, preAuthentication } from '../signatures/bundle.js';
import { Unusable } from '../signatures/claims.js';
import type { Signature } from '../signatures/found-signature.js';
import { jsonObject } from '../signatures/json-parts.js';
import { checkLogEntries } from './log-entries.js';
import { type TrustedRoot, unusableRoot } from './trusted-root.js';

/** Extended key usage (RFC 5280, 4.2.1.12). */
const codeSigning = '1.3.6.1.5.5.7.3.3';
/** Certificates that are remembered: there is one for each version at most, not for each variant. */
const mostRemembered = 10_000;

/** Checks certificates, log entries and timestamps of signatures against a trusted root, without a network. */
export class Authority {
  readonly root: TrustedRoot;
  readonly #verifier: Verifier;
  /** By hash of bundle and what it is about: a statement is a signature of hundreds of variants. */
  readonly #known = new Map<string, Certification>();

  /** Throws BUNNY_ETRUSTEDROOT. */
  constructor(root: TrustedRoot) {
    this.root = root;
    let material: TrustMaterial;
    try {
      material = toTrustMaterial(TrustedRootMessage.fromJSON(root.document), {});
    } catch (error) {
      throw unusableRoot((error as Error).message, root.where, error);
    }
    // What a root names has to be there: who runs no log has none in it, and then a timestamp is asked for.
    this.#verifier = new Verifier(material, {
      tlogThreshold: material.tlogs.length > 0 ? 1 : 0,
      ctlogThreshold: material.ctlogs.length > 0 ? 1 : 0,
      timestampThreshold: 1,
    });
  }

  /** Who made a signature by its certificate, and when, or why that is not known. */
  certify(signature: Signature & { bundle: string }): Certification {
    const name = nameOf(signature);
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    let certification: Certification;
    try {
      certification = this.#certify(signature);
    } catch (error) {
      certification = { fault: faultOf(error) };
    }
    if (this.#known.size >= mostRemembered) this.#known.clear();
    this.#known.set(name, certification);
    return certification;
  }

  /** Whom a certificate (DER) is for, as it says itself. Throws BUNNY_ETRUSTEDROOT where that would never count. */
  namesIn(der: Uint8Array): Omit<Certified, 'at'> {
    try {
      return namesOf(Certificate.parse(Buffer.from(der)));
    } catch (error) {
      throw unusableRoot(faultOf(error), this.root.where, error);
    }
  }

  #certify({ bundle: text, message, signature }: Signature & { bundle: string }): Certified {
    const document = jsonObject(Buffer.from(text), 'the bundle', largestBundle);
    const bundle = bundleFromJSON(document);
    checkContent(bundle, message);
    const entity = toSignedEntity(bundle, Buffer.from(message));
    if (entity.key.$case !== 'certificate') throw new Unusable('it is signed with a key');
    if (!entity.signature.compareSignature(Buffer.from(signature))) {
      throw new Unusable('the bundle is about another signature');
    }
    const { certificate } = entity.key;
    checkLogEntries(entity.tlogEntries, certificate.publicKey);
    this.#verifier.verify(entity);
    return { ...namesOf(certificate), at: earliest(entity) };
  }
}

/** Strangers' bundles are not kept: a registry has as many of a mebibyte as it likes. */
function nameOf({ bundle, message, signature }: Signature & { bundle: string }): string {
  const hash = createHash('sha256');
  for (const part of [bundle, message, signature]) hash.update(`${part.length} `).update(part);
  return hash.digest('base64');
}

/** What was signed is what is looked at here, and not what a bundle says beside it. */
function checkContent({ content }: Bundle, message: Uint8Array): void {
  if (content.$case === 'dsseEnvelope') {
    const { payload, payloadType } = content.dsseEnvelope;
    if (preAuthentication(payload, payloadType).equals(message)) return;
  } else {
    const digest = createHash('sha256').update(message).digest();
    if (digest.equals(content.messageSignature.messageDigest.digest)) return;
  }
  throw new Unusable('the bundle is about something else');
}

/** Where Fulcio writes the issuer: as text in DER, and before that as it is. */
const issuerExtension = '1.3.6.1.4.1.57264.1.8';
const oldIssuerExtension = '1.3.6.1.4.1.57264.1.1';

/** The one name in a certificate, and the issuer of the identity. Throws Unusable. */
function namesOf(certificate: Certificate): Omit<Certified, 'at'> {
  const issued = new NodeCertificate(certificate.root.toDER());
  if (!issued.keyUsage?.includes(codeSigning)) throw new Unusable('its certificate is not for signing code');
  const identity = certificate.subjectAltName;
  // The library takes the first of several names, and reads their bytes as ASCII, by which several are one letter.
  if (
    identity === undefined ||
    ![`URI:${identity}`, `email:${identity}`].includes(issued.subjectAltName ?? '')
  ) {
    throw new Unusable('its certificate is not for one e-mail address or URI');
  }
  const issuer =
    certificate.extension(issuerExtension)?.valueObj.subs[0]?.value ??
    certificate.extension(oldIssuerExtension)?.value;
  if (issuer === undefined || !/^[\x21-\x7e]+$/.test(issuer.toString('utf8'))) {
    throw new Unusable('its certificate does not say who issued the identity');
  }
  return { identity, issuer: issuer.toString('utf8') };
}

/** When the signature was first seen: each of the times was checked. */
function earliest({ timestamps }: SignedEntity): Date {
  const times = timestamps.flatMap((each) => {
    if (each.$case === 'timestamp-authority') return [each.timestamp.signingTime.getTime()];
    // A time that no promise of the log signs is anybody's word.
    return each.tlogEntry.inclusionPromise === undefined
      ? []
      : [Number(each.tlogEntry.integratedTime) * 1000];
  });
  return new Date(times.reduce((first, each) => Math.min(first, each)));
}

/** Why a bundle does not count. What reads certificates throws what it likes for those that are none. */
function faultOf(error: unknown): string {
  const { message, cause } = error as Error & { cause?: Error };
  if (error instanceof Unusable) return message;
  const why = cause instanceof Error ? `${message}: ${cause.message}` : message;
  return `its certificate or log entry does not count: ${why.slice(0, 300)}`;
}
