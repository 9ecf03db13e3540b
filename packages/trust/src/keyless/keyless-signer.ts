import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { BunnyError } from 'bunny-libos-spec';
import { pemText } from '../keys/pem.js';
import type { Author, Certified } from '../signatures/author.js';
import { bundleText, envelopeOf, preAuthentication } from '../signatures/bundle.js';
import {
  annotationsOf,
  bundleOfAnnotations,
  type CertificateMaterial,
} from '../signatures/certificate-annotations.js';
import type { Signer } from '../signatures/signer.js';
import { authorityOf, certifyAll } from './certify.js';
import { type IssuedCertificate, issueCertificate } from './fulcio.js';
import type { IdentityToken } from './identity-token.js';
import { type Entry, hashEntry, logEntry, statementEntry } from './rekor.js';
import type { Hosts } from './service.js';
import { attestTime } from './timestamp.js';
import { type ServiceUrls, servicesOf, type TrustedRoot, unusableRoot } from './trusted-root.js';

export interface KeylessOptions {
  hosts: Hosts;
  /** What is signed has to count under it; it also names the services that are not named here. */
  root: TrustedRoot;
  /** Asked whenever a certificate is needed: certificates are valid for minutes. */
  identityToken: () => Promise<IdentityToken>;
  services?: ServiceUrls | undefined;
  signal?: AbortSignal | undefined;
}

/** Who signed, as the certificate has it. */
export interface KeylessSigner extends Signer {
  names(): Promise<Omit<Certified, 'at'>>;
}

/** A certificate with the private key that it is for, which is never written anywhere. */
interface Held extends IssuedCertificate {
  privateKey: KeyObject;
  /** PEM. */
  pem: string;
}

/** Certificates are not used in their last minute: the log has to see the signature before they end. Milliseconds. */
const margin = 60_000;

/**
 * Signs with certificates that an identity token is given for, instead of a key: each signature goes into the log, and its
 * time is attested. What it gives is checked under the trusted root first. No request is made before something is to be
 * signed. Its functions throw BUNNY_EIDENTITY, BUNNY_ESERVICE, BUNNY_ETRUSTEDROOT and as connections do.
 */
export function keylessSigner({
  hosts,
  root,
  identityToken,
  services = {},
  signal,
}: KeylessOptions): KeylessSigner {
  const own = servicesOf(root);
  const fulcio = services.fulcio ?? own.fulcio;
  const rekor = services.rekor ?? own.rekor;
  const timestamp = services.timestamp ?? own.timestamp;
  if (fulcio === undefined)
    throw unusableRoot('it does not say where Fulcio is: name it with --fulcio-url', root.where);
  let issuing: Promise<Held> | undefined;
  let known: Promise<Omit<Certified, 'at'>> | undefined;

  const hold = async (): Promise<Held> => {
    const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const issued = await issueCertificate(hosts, fulcio, await identityToken(), pair, signal);
    return { ...issued, privateKey: pair.privateKey, pem: pemText('CERTIFICATE', issued.certificate) };
  };
  const held = async (): Promise<Held> => {
    const now = await issuing?.catch(() => undefined);
    if (now !== undefined && now.notAfter.getTime() - margin > Date.now()) return now;
    issuing = hold();
    return issuing;
  };
  const seen = async (
    { certificate, chain }: Held,
    signature: Uint8Array,
    entry: Entry,
  ): Promise<CertificateMaterial> => {
    const [logged, time] = await Promise.all([
      rekor === undefined ? undefined : logEntry(hosts, rekor, entry, signal),
      timestamp === undefined ? undefined : attestTime(hosts, timestamp, signature, signal),
    ]);
    return { certificate, chain, logEntry: logged, timestamp: time };
  };
  const checked = async (bundle: string, message: Uint8Array, signature: Uint8Array): Promise<Certified> => {
    const found = (await authorityOf(root)).certify({ bundle, message, signature });
    if ('fault' in found) throw notUnder(root, found.fault);
    return found;
  };

  const bundle = async (statement: Uint8Array): Promise<Buffer> => {
    const holder = await held();
    const message = preAuthentication(statement);
    const signature = sign('sha256', message, holder.privateKey);
    const envelope = envelopeOf(statement, signature);
    const {
      certificate,
      logEntry: logged,
      timestamp: time,
    } = await seen(holder, signature, statementEntry(envelope, holder.pem));
    const text = bundleText(
      {
        certificate: { rawBytes: certificate.toString('base64') },
        tlogEntries: logged === undefined ? [] : [logged],
        timestampVerificationData: {
          rfc3161Timestamps: time === undefined ? [] : [{ signedTimestamp: time.toString('base64') }],
        },
      },
      envelope,
    );
    await checked(text.toString('utf8'), message, signature);
    return text;
  };
  const annotations = async (payload: Uint8Array): Promise<Record<string, string>> => {
    const holder = await held();
    const signature = sign('sha256', payload, holder.privateKey);
    const digest = createHash('sha256').update(payload).digest('hex');
    const material = await seen(holder, signature, hashEntry(digest, signature, holder.pem));
    const notes = annotationsOf(signature, material);
    await checked(bundleOfAnnotations(notes, payload, signature) ?? '', payload, signature);
    return notes;
  };
  const names = (): Promise<Omit<Certified, 'at'>> => {
    known ??= held().then(async ({ certificate }) => (await authorityOf(root)).namesIn(certificate));
    return known;
  };
  const author = async (): Promise<Author> => {
    const { identity, issuer } = await names();
    return {
      id: `${identity} (${issuer})`,
      root: root.id,
      matches: (other) => other.identity === identity && other.issuer === issuer,
    };
  };
  return {
    names,
    author,
    bundle,
    annotations,
    certify: (signatures) => certifyAll(signatures, [root]),
  };
}

function notUnder({ where }: TrustedRoot, fault: string): BunnyError {
  return new BunnyError(
    'BUNNY_ETRUSTEDROOT',
    `what the services give does not count under the trusted root: ${fault}`,
    {
      where,
      hint: 'take the trusted root of whoever runs these services, or the services that it is for',
    },
  );
}
