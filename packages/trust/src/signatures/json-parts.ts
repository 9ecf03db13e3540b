import { type OciError, parseStrictJson } from 'bunny-libos-oci';
import { Unusable } from './claims.js';

/** JSON that strangers wrote, as an object. Throws Unusable: a key twice is refused too, as readers differ about it. */
export function jsonObject(bytes: Uint8Array, what: string, size: number): Record<string, unknown> {
  let value: unknown;
  try {
    value = parseStrictJson(bytes, what, { size });
  } catch (error) {
    throw new Unusable(`${what} cannot be read: ${(error as OciError).message}`);
  }
  return objectOf(value, what);
}

/** Throws Unusable for anything but an object. */
export function objectOf(value: unknown, what: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as Record<string, unknown>;
  }
  throw new Unusable(`${what} is no object`);
}

/** A text, or undefined where there is none. Throws Unusable for anything else. */
export function optionalText(value: unknown, what: string): string | undefined {
  if (value === undefined || value === null || typeof value === 'string') return value ?? undefined;
  throw new Unusable(`${what} is no text`);
}

/** Bytes that are written as base64 (RFC 4648, section 4, with padding). Throws Unusable. */
export function base64Bytes(value: unknown, what: string): Buffer {
  const bytes = typeof value === 'string' ? Buffer.from(value, 'base64') : undefined;
  if (bytes !== undefined && bytes.length > 0 && bytes.toString('base64') === value) return bytes;
  throw new Unusable(`${what} is no base64`);
}
