import { createPublicKey, X509Certificate } from 'node:crypto';
import type { TransparencyLogEntry } from '@sigstore/bundle';
import { Unusable } from '../signatures/claims.js';
import { jsonObject } from '../signatures/json-parts.js';

/** Entries of logs in one bundle: those that sign write one, or one in each of a few logs. */
const mostEntries = 8;
/** Bytes. What signs a checkpoint, with all witnesses. */
const largestCheckpoint = 64 * 1024;
/** Hashes from an entry to the root of a log of 2^64 entries. */
const longestProof = 64;

/**
 * Checks of log entries what the library does not: that they are of the certificate in the bundle, as a log that has the same
 * signature by another certificate is about something else; and that nothing in them is of a form that takes the library long.
 * Throws Unusable.
 */
export function checkLogEntries(entries: readonly TransparencyLogEntry[], publicKey: Buffer): void {
  if (entries.length > mostEntries) throw new Unusable(`the bundle has more than ${mostEntries} log entries`);
  for (const { inclusionProof, canonicalizedBody, logIndex, integratedTime } of entries) {
    checkCheckpoint(inclusionProof?.checkpoint?.envelope ?? '');
    for (const number of [logIndex, integratedTime, inclusionProof?.logIndex, inclusionProof?.treeSize]) {
      if (number !== undefined && !/^\d{0,20}$/.test(number))
        throw new Unusable('a number in its log entry is none');
    }
    if ((inclusionProof?.hashes.length ?? 0) > longestProof)
      throw new Unusable('the proof of its log is too long');
    const body = jsonObject(canonicalizedBody, 'the log entry', canonicalizedBody.length);
    const keys = keysIn(body);
    if (keys.length === 0 || !keys.every((key) => key.equals(publicKey))) {
      throw new Unusable('its log entry is about another certificate');
    }
  }
}

/**
 * The library takes the name in a signature of a checkpoint for a regular expression: one that is made for it would keep a
 * processor busy for hours. Names of logs are hosts and paths.
 */
function checkCheckpoint(envelope: string): void {
  if (envelope.length > largestCheckpoint) throw new Unusable('the checkpoint of its log is too large');
  const [, size = '0'] = envelope.split('\n', 2);
  if (!/^\d{1,20}$/.test(size)) throw new Unusable('the checkpoint of its log has no size');
  for (const [, name = ''] of envelope.matchAll(/\u2014 (\S+) /g)) {
    if (!/^[\w.:/-]{1,255}$/.test(name))
      throw new Unusable('the checkpoint of its log is signed by no name of a log');
  }
}

/** Public keys (SubjectPublicKeyInfo, DER) that an entry says the signature is of; in the forms of Rekor 1 and 2. */
function keysIn({ spec }: Record<string, unknown>): Buffer[] {
  const pems: string[] = [];
  const ders: string[] = [];
  const visit = (value: unknown, depth: number): void => {
    if (typeof value !== 'object' || value === null || depth > 8) return;
    for (const [key, each] of Object.entries(value)) {
      if (key === 'rawBytes' && typeof each === 'string') ders.push(each);
      else if ((key === 'verifier' || key === 'publicKey') && typeof each === 'string') pems.push(each);
      else if (key === 'publicKey' && typeof each?.content === 'string') pems.push(each.content);
      else visit(each, depth + 1);
    }
  };
  visit(spec, 0);
  return [
    ...pems.map((text) => keyOf(Buffer.from(text, 'base64'))),
    ...ders.map((text) => keyOf(Buffer.from(text, 'base64'))),
  ];
}

/** Of a certificate or a key, in PEM or DER. */
function keyOf(bytes: Buffer): Buffer {
  let key: ReturnType<typeof createPublicKey>;
  try {
    key = new X509Certificate(bytes).publicKey;
  } catch {
    try {
      key = bytes.includes('-----BEGIN')
        ? createPublicKey(bytes)
        : createPublicKey({ key: bytes, format: 'der', type: 'spki' });
    } catch {
      throw new Unusable('its log entry names no key');
    }
  }
  return key.export({ type: 'spki', format: 'der' });
}
