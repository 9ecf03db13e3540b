import { createHash } from 'node:crypto';
import { present } from 'bunny-libos-spec';
import { pemBlocks, pemText } from '../keys/pem.js';
import { Unusable } from './claims.js';
import { base64Bytes, jsonObject, objectOf } from './json-parts.js';

/** What cosign 2 keeps beside a signature under a tag: annotations of the layer with the payload. */
export const signatureAnnotation = 'dev.cosignproject.cosign/signature';
const certificateAnnotation = 'dev.sigstore.cosign/certificate';
const chainAnnotation = 'dev.sigstore.cosign/chain';
const logAnnotation = 'dev.sigstore.cosign/bundle';
const timestampAnnotation = 'dev.sigstore.cosign/rfc3161timestamp';

const certificateLabel = 'CERTIFICATE';

/** Bytes. A manifest has 4 MiB at most; each of these has some thousands. */
const largestAnnotation = 256 * 1024;
/** Of bundles whose log entries need a promise, and no proof. */
const bundleType = 'application/vnd.dev.sigstore.bundle+json;version=0.1';

/** What is known of a signature that is made with a certificate, as sigstore's bundles have it. */
export interface CertificateMaterial {
  /** DER. */
  certificate: Buffer;
  /** Those that signed it, in PEM. */
  chain: string;
  logEntry: LogEntry | undefined;
  /** RFC 3161 (TimeStampResp, DER), of the signature. */
  timestamp: Buffer | undefined;
}

/** A log's entry: protobuf's JSON of `TransparencyLogEntry`. */
export interface LogEntry {
  logIndex: string;
  logId: { keyId: string };
  kindVersion: { kind: string; version: string };
  integratedTime: string;
  inclusionPromise?: { signedEntryTimestamp: string };
  inclusionProof?: object;
  canonicalizedBody: string;
}

/** The annotations of a signature with a certificate. */
export function annotationsOf(
  signature: Uint8Array,
  { certificate, chain, logEntry, timestamp }: CertificateMaterial,
): Record<string, string> {
  const promise = logEntry?.inclusionPromise;
  return present<Record<string, string | undefined>>({
    [signatureAnnotation]: Buffer.from(signature).toString('base64'),
    [certificateAnnotation]: pemText(certificateLabel, certificate),
    [chainAnnotation]: chain,
    [logAnnotation]: logEntry && promise && JSON.stringify(promised(logEntry, promise)),
    [timestampAnnotation]:
      timestamp && JSON.stringify({ SignedRFC3161Timestamp: timestamp.toString('base64') }),
  }) as Record<string, string>;
}

/** What a log has promised, as cosign writes it. */
function promised(
  { canonicalizedBody, integratedTime, logIndex, logId }: LogEntry,
  { signedEntryTimestamp }: NonNullable<LogEntry['inclusionPromise']>,
) {
  return {
    SignedEntryTimestamp: signedEntryTimestamp,
    Payload: {
      body: canonicalizedBody,
      integratedTime: Number(integratedTime),
      logIndex: Number(logIndex),
      logID: Buffer.from(logId.keyId, 'base64').toString('hex'),
    },
  };
}

/** The same as the text of a bundle; undefined for a signature without a certificate. Throws Unusable. */
export function bundleOfAnnotations(
  annotations: Readonly<Record<string, string>>,
  payload: Uint8Array,
  signature: Uint8Array,
): string | undefined {
  const certificate = annotations[certificateAnnotation];
  if (certificate === undefined || certificate === '') return undefined;
  const log = part(annotations, logAnnotation);
  const timestamp = part(annotations, timestampAnnotation)?.SignedRFC3161Timestamp;
  return JSON.stringify({
    mediaType: bundleType,
    verificationMaterial: {
      x509CertificateChain: { certificates: [{ rawBytes: certificateIn(certificate).toString('base64') }] },
      tlogEntries: log === undefined ? [] : [logEntry(log)],
      timestampVerificationData: {
        rfc3161Timestamps: timestamp === undefined ? [] : [{ signedTimestamp: timestamp }],
      },
    },
    messageSignature: {
      messageDigest: {
        algorithm: 'SHA2_256',
        digest: createHash('sha256').update(payload).digest('base64'),
      },
      signature: Buffer.from(signature).toString('base64'),
    },
  });
}

function part(annotations: Readonly<Record<string, string>>, name: string) {
  const text = annotations[name];
  return text === undefined || text === ''
    ? undefined
    : jsonObject(Buffer.from(text), `the annotation ${name}`, largestAnnotation);
}

function logEntry({ SignedEntryTimestamp, Payload }: Record<string, unknown>): LogEntry {
  const { body, integratedTime, logIndex, logID } = objectOf(Payload, 'the entry of the log');
  const { kind, apiVersion } = jsonObject(
    base64Bytes(body, 'the body of the log entry'),
    'the log entry',
    largestAnnotation,
  );
  if (!isText(SignedEntryTimestamp, body, logID, kind, apiVersion))
    throw new Unusable('the log entry lacks a part');
  return {
    logIndex: String(logIndex),
    logId: { keyId: Buffer.from(String(logID), 'hex').toString('base64') },
    kindVersion: { kind: String(kind), version: String(apiVersion) },
    integratedTime: String(integratedTime),
    inclusionPromise: { signedEntryTimestamp: String(SignedEntryTimestamp) },
    canonicalizedBody: String(body),
  };
}

function isText(...all: unknown[]): boolean {
  return all.every((each) => typeof each === 'string' && each !== '');
}

/** The first certificate of a PEM text, in DER. Throws Unusable. */
export function certificateIn(pem: string): Buffer {
  const block = pemBlocks(pem).find(({ label }) => label === certificateLabel);
  if (block === undefined || block.content.length === 0) throw new Unusable('its certificate is no PEM');
  return Buffer.from(block.content);
}
