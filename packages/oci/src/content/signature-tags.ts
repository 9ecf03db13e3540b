import type { Descriptor } from './descriptor.js';
import { codeOf } from './errors.js';
import { isIndex, parseManifest } from './manifest-validation.js';
import type { Target, TransferOptions } from './target.js';

/** What cosign 2 and older attach by a tag: signatures, attestations, an SBOM. */
const suffixes = ['sig', 'att', 'sbom'];

/** The tags under which something may be attached to a manifest. */
function tagsFor({ digest }: Descriptor): string[] {
  return suffixes.map((suffix) => `${digest.replace(':', '-')}.${suffix}`);
}

/** Answers of a registry that does not list its tags, or not to us. */
const unlisted = new Set(['BUNNY_EAUTH', 'BUNNY_EDENIED', 'BUNNY_EUNSUPPORTED', 'BUNNY_EREGISTRY']);

/**
 * Tells which tags of a target attach something to a manifest: by its list of tags, read once, or one by one where that
 * is not given. Throws as the target does.
 */
export function signatureTags(
  target: Target,
  options: TransferOptions,
): (subject: Descriptor) => Promise<string[]> {
  let listed: Promise<Set<string> | undefined> | undefined;
  return async (subject) => {
    listed ??= target.tags(options).then(
      (tags) => new Set(tags),
      (error) => {
        if (unlisted.has(codeOf(error) ?? '')) return undefined;
        throw error;
      },
    );
    const known = await listed;
    return tagsFor(subject).filter((tag) => known?.has(tag) ?? true);
  };
}

/**
 * Whether the tag of a target may be moved to a manifest: not where that would take away what somebody attached there,
 * as cosign keeps all signatures of a manifest as layers of one.
 */
export async function losesNothing(
  target: Target,
  tag: string,
  bytes: Uint8Array,
  options: TransferOptions,
): Promise<boolean> {
  const there = await target.fetchManifest(tag, options);
  if (there === undefined) return true;
  const held = layersOf(there.bytes, `${target.name}:${tag}`);
  const brought = new Set(layersOf(bytes, tag));
  return held.every((digest) => brought.has(digest));
}

function layersOf(bytes: Uint8Array, what: string): string[] {
  const document = parseManifest(bytes, undefined, what);
  return (isIndex(document) ? document.manifests : document.layers).map(({ digest }) => digest);
}
