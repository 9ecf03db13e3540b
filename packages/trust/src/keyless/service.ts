import { type HttpClient, isLoopback } from 'bunny-libos-oci';
import { BunnyError, exitStatus } from 'bunny-libos-spec';

/** Bytes. Certificates and log entries have some thousands. */
const largestAnswer = 1024 * 1024;

/** How hosts are talked to: by the connections of the command. */
export interface Hosts {
  /** Throws as making a connection does. */
  host(origin: URL): HttpClient;
}

/** What a service is asked. */
export interface ServiceRequest {
  /** For people: `Fulcio`. */
  service: string;
  url: URL;
  body: Uint8Array;
  headers?: Readonly<Record<string, string>>;
  /** Statuses that are answers beside those from 200 to 299. */
  also?: readonly number[];
  /** Whether the body holds a secret. */
  isSecret?: boolean;
  signal?: AbortSignal | undefined;
}

export interface ServiceAnswer {
  status: number;
  bytes: Buffer;
  location: string | undefined;
}

/**
 * A service's URL with a path below it. Identity tokens go there: throws BUNNY_EUSAGE for what is no URL, and for plain HTTP to
 * another machine.
 */
export function serviceUrl(text: string, path: string, where: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isSafe = url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(url.host));
  if (url === undefined || !isSafe || url.username !== '') {
    throw new BunnyError('BUNNY_EUSAGE', `${JSON.stringify(text)} is no URL of a service`, {
      where,
      hint: 'write https://HOST; plain HTTP is for services on this machine alone',
      exitStatus: exitStatus.usage,
    });
  }
  return new URL(`${url.pathname.replace(/\/$/, '')}${path}`, url);
}

/** Posts to a service. Throws BUNNY_ESERVICE where it refuses, and as the connection does. */
export async function post(
  hosts: Hosts,
  { service, url, ...request }: ServiceRequest,
): Promise<ServiceAnswer> {
  const { body, headers, also = [], isSecret, signal } = request;
  const response = await hosts.host(url).request(
    {
      method: 'POST',
      url,
      body,
      headers: headers ?? {},
      signal,
      confidential: isSecret ? service : undefined,
    },
    { repeatable: true },
  );
  const bytes = await response.bytes(largestAnswer);
  const { status } = response;
  if ((status < 200 || status > 299) && !also.includes(status)) {
    throw serviceError(service, url, `it answers ${status}: ${words(bytes)}`);
  }
  return { status, bytes, location: response.header('location') };
}

/** Reads from a service, as `post`. */
export async function get(
  hosts: Hosts,
  service: string,
  url: URL,
  request: { headers?: Record<string, string>; signal?: AbortSignal | undefined } = {},
): Promise<Buffer> {
  const response = await hosts
    .host(url)
    .request({ method: 'GET', url, ...request }, { repeatable: true, gather: largestAnswer });
  const bytes = await response.bytes(largestAnswer);
  if (response.status === 200) return bytes;
  throw serviceError(service, url, `it answers ${response.status}: ${words(bytes)}`);
}

/** A JSON object that a service answers. Throws BUNNY_ESERVICE. */
export function answeredObject(bytes: Uint8Array, service: string, url: URL): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    value = undefined;
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>;
  throw serviceError(service, url, 'its answer is no object in JSON');
}

export function serviceError(service: string, url: URL, why: string): BunnyError {
  return new BunnyError('BUNNY_ESERVICE', `${service} does not give what it is asked for: ${why}`, {
    where: `${url.origin}${url.pathname}`,
    hint: 'check its URL, the identity token and the trusted root; else ask whoever runs it',
  });
}

/** The beginning of an answer, for people. */
function words(bytes: Uint8Array): string {
  const text = Buffer.from(bytes.subarray(0, 600)).toString('utf8');
  return (
    text
      .replace(/[^\x20-\x7e]+/g, ' ')
      .trim()
      .slice(0, 300) || 'nothing'
  );
}
