import type { Manifest } from './descriptor.js';
import { tryParseDigest } from './digest.js';
import { parseStrictJson } from './strict-json.js';

/**
 * The digests of an image's layers before they were compressed, bottom first, as its configuration has them
 * (`rootfs.diff_ids`: image-spec 1.1, config.md). Undefined where that does not give one for each layer of the manifest.
 * Throws as `parseStrictJson`; `where` is for messages.
 */
export function readDiffIds(
  config: Uint8Array,
  { layers }: Pick<Manifest, 'layers'>,
  where: string,
): string[] | undefined {
  const ids = property(property(parseStrictJson(config, where), 'rootfs'), 'diff_ids');
  return Array.isArray(ids) && ids.length === layers.length && ids.every(isDigest) ? ids : undefined;
}

function isDigest(value: unknown): value is string {
  return typeof value === 'string' && tryParseDigest(value) !== undefined;
}

function property(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined;
}
