import { OciError } from './errors.js';

export interface JsonLimits {
  /** Bytes; 4 MiB unless said, the least that distribution-spec asks of a registry for manifests. */
  size?: number | undefined;
  /** Nested objects and arrays. */
  depth?: number | undefined;
}

export const maximumManifestSize = 4 * 1024 * 1024;
const maximumDepth = 64;

function refusal(what: string, why: string, cause?: unknown): OciError {
  return new OciError('BUNNY_EMANIFEST', why, {
    where: what,
    cause,
    hint: 'whoever wrote it must write it again; nothing of it was used',
  });
}

/**
 * Parses JSON that strangers wrote: UTF-8, not larger and not deeper than the limits, no key twice in
 * one object (two readers could otherwise see two different documents under one digest).
 * Throws BUNNY_EMANIFEST or BUNNY_ELIMIT; `what` names the document in messages.
 */
export function parseStrictJson(bytes: Uint8Array, what: string, limits: JsonLimits = {}): unknown {
  const size = limits.size ?? maximumManifestSize;
  if (bytes.length > size) {
    throw new OciError('BUNNY_ELIMIT', `the document has ${bytes.length} bytes; at most ${size} are read`, {
      where: what,
      hint: 'split it, or move large annotations into a layer',
    });
  }
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw refusal(what, 'the document is not UTF-8', cause);
  }
  checkShape(text, limits.depth ?? maximumDepth, what);
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw refusal(what, `not JSON: ${(cause as Error).message}`, cause);
  }
}

/**
 * One pass over the tokens: depth and duplicate keys. Anything else that is wrong is left to JSON.parse,
 * which runs after it, so that its recursion is bounded.
 */
function checkShape(text: string, depth: number, what: string): void {
  // Keys seen in each open object; undefined for an array.
  const open: (Set<string> | undefined)[] = [];
  // A string that does not end takes all that is left: looking for others in it would take time without bound.
  const token = /"[^"\\]*(?:\\.[^"\\]*)*(?:"|\\?$)|[{}[\],:]/gs;
  let last: string | undefined;
  for (let match = token.exec(text); match !== null; match = token.exec(text)) {
    const found = match[0];
    if (found === '{' || found === '[') {
      open.push(found === '{' ? new Set() : undefined);
      if (open.length > depth) throw refusal(what, `the document is nested deeper than ${depth}`);
    } else if (found === '}' || found === ']') {
      open.pop();
    } else if (found === ':') {
      const keys = open.at(-1);
      if (keys !== undefined && last?.startsWith('"')) {
        const key = decodeKey(last, what);
        if (keys.has(key)) throw refusal(what, `the key ${JSON.stringify(key)} appears twice in one object`);
        keys.add(key);
      }
    }
    last = found;
  }
}

function decodeKey(quoted: string, what: string): string {
  if (!quoted.includes('\\')) return quoted.slice(1, -1);
  try {
    return JSON.parse(quoted) as string;
  } catch {
    throw refusal(what, 'not JSON: a key has a bad escape');
  }
}
