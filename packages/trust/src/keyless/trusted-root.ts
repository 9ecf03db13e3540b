import { parseStrictJson } from 'bunny-libos-oci';
import { BunnyError, canonicalJson, sha256 } from 'bunny-libos-spec';

/** Bytes. That of sigstore's public services has about 7,000. */
export const largestTrustedRoot = 1024 * 1024;

/** What certificates, log entries and timestamps are checked against: `trusted_root.json`, as sigstore has it. */
export interface TrustedRoot {
  /** sha256 of what it says: one content, one name. */
  readonly id: string;
  /** For messages. */
  readonly where: string;
  /** As protobuf's JSON has it: only looked into by what checks signatures. */
  readonly document: Readonly<Record<string, unknown>>;
}

/** Where the services are that a trusted root is for. */
export interface ServiceUrls {
  fulcio?: string | undefined;
  rekor?: string | undefined;
  timestamp?: string | undefined;
}

const rootType = /^application\/vnd\.dev\.sigstore\.trustedroot(?:\+json;\s*version=0\.1|\.v0\.[12]\+json)$/;

/** Reads the text of a trusted root. Throws BUNNY_ETRUSTEDROOT. */
export function readTrustedRoot(text: string, where: string): TrustedRoot {
  let document: unknown;
  try {
    document = parseStrictJson(Buffer.from(text), where, { size: largestTrustedRoot });
  } catch (error) {
    throw unusableRoot((error as Error).message, where, error);
  }
  return trustedRoot(document, where);
}

/** The same of a document that is read already. Throws BUNNY_ETRUSTEDROOT. */
export function trustedRoot(document: unknown, where: string): TrustedRoot {
  if (typeof document !== 'object' || document === null || Array.isArray(document)) {
    throw unusableRoot('it is no object', where);
  }
  const { mediaType, certificateAuthorities } = document as Record<string, unknown>;
  if (typeof mediaType !== 'string' || !rootType.test(mediaType)) {
    throw unusableRoot('its mediaType is not that of a trusted root', where);
  }
  if (!Array.isArray(certificateAuthorities) || certificateAuthorities.length === 0) {
    throw unusableRoot('it names no certificate authority', where);
  }
  return {
    id: sha256(canonicalJson(document)),
    where,
    document: document as Record<string, unknown>,
  };
}

/** The services that a trusted root names, the newest of each. */
export function servicesOf({ document }: TrustedRoot): ServiceUrls {
  const last = (list: unknown, key: string): string | undefined => {
    const urls = (Array.isArray(list) ? list : []).map(
      (each) => (each as Record<string, unknown> | null)?.[key],
    );
    return urls.filter((url) => typeof url === 'string' && url !== '').at(-1) as string | undefined;
  };
  return {
    fulcio: last(document.certificateAuthorities, 'uri'),
    rekor: last(document.tlogs, 'baseUrl'),
    timestamp: last(document.timestampAuthorities, 'uri'),
  };
}

export function unusableRoot(why: string, where: string, cause?: unknown): BunnyError {
  return new BunnyError('BUNNY_ETRUSTEDROOT', `the trusted root cannot be used: ${why}`, {
    where,
    hint: 'get trusted_root.json from whoever runs Fulcio and Rekor: `cosign trusted-root create` makes one',
    cause,
  });
}
