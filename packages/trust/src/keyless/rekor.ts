import { present } from 'bunny-libos-spec';
import type { LogEntry } from '../signatures/certificate-annotations.js';
import { answeredObject, get, type Hosts, post, serviceError, serviceUrl } from './service.js';

const service = 'Rekor';

/** What a log takes down: a signature, what it is of, and the certificate. */
export type Entry = { kind: string; apiVersion: string; spec: object };

/** An entry about an in-toto statement. `certificate`: in PEM. */
export function statementEntry(envelope: object, certificate: string): Entry {
  return {
    kind: 'dsse',
    apiVersion: '0.0.1',
    spec: {
      proposedContent: {
        envelope: JSON.stringify(envelope),
        verifiers: [Buffer.from(certificate).toString('base64')],
      },
    },
  };
}

/** An entry about the sha256 of something, in hex. */
export function hashEntry(sha256: string, signature: Uint8Array, certificate: string): Entry {
  return {
    kind: 'hashedrekord',
    apiVersion: '0.0.1',
    spec: {
      data: { hash: { algorithm: 'sha256', value: sha256 } },
      signature: {
        content: Buffer.from(signature).toString('base64'),
        publicKey: { content: Buffer.from(certificate).toString('base64') },
      },
    },
  };
}

/** Has an entry written to a log (Rekor's API, version 1). Throws BUNNY_ESERVICE and as the connection does. */
export async function logEntry(
  hosts: Hosts,
  base: string,
  entry: Entry,
  signal?: AbortSignal,
): Promise<LogEntry> {
  const url = serviceUrl(base, '/api/v1/log/entries', '--rekor-url');
  const conflict = 409;
  const answer = await post(hosts, {
    service,
    url,
    body: Buffer.from(JSON.stringify(entry)),
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    also: [conflict],
    signal,
  });
  if (answer.status !== conflict) return readEntry(answer.bytes, url);
  // It has it already: the request before this one arrived, and the answer did not.
  const uuid = /\/api\/v1\/log\/entries\/([0-9a-f]{64,80})$/.exec(answer.location ?? '')?.[1];
  if (uuid === undefined)
    throw serviceError(service, url, 'it has the entry already, and does not say where');
  const there = serviceUrl(base, `/api/v1/log/entries/${uuid}`, '--rekor-url');
  return readEntry(await get(hosts, service, there, { signal }), there);
}

interface Answered {
  body: string;
  integratedTime: number;
  logID: string;
  logIndex: number;
  verification: {
    signedEntryTimestamp?: string;
    inclusionProof?: {
      checkpoint: string;
      hashes: string[];
      logIndex: number;
      rootHash: string;
      treeSize: number;
    };
  };
}

/** What a log answers, as bundles have it. What of it is not so is found when the bundle is checked. */
function readEntry(bytes: Uint8Array, url: URL): LogEntry {
  try {
    const [entry] = Object.values(answeredObject(bytes, service, url)) as Answered[];
    const { body, integratedTime, logID, logIndex, verification } = entry as Answered;
    const { kind, apiVersion } = JSON.parse(Buffer.from(body, 'base64').toString('utf8'));
    const { signedEntryTimestamp, inclusionProof: proof } = verification;
    const base64 = (hex: string) => Buffer.from(hex, 'hex').toString('base64');
    return present({
      logIndex: String(logIndex),
      logId: { keyId: base64(logID) },
      kindVersion: { kind, version: apiVersion },
      integratedTime: String(integratedTime),
      inclusionPromise: signedEntryTimestamp === undefined ? undefined : { signedEntryTimestamp },
      inclusionProof: proof && {
        logIndex: String(proof.logIndex),
        rootHash: base64(proof.rootHash),
        treeSize: String(proof.treeSize),
        hashes: proof.hashes.map(base64),
        checkpoint: { envelope: proof.checkpoint },
      },
      canonicalizedBody: body,
    });
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof SyntaxError)) throw error;
    throw serviceError(service, url, 'its answer is no entry of a log');
  }
}
