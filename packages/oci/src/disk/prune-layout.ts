import path from 'node:path';
import type { Descriptor } from '../content/descriptor.js';
import { codeOf } from '../content/errors.js';
import { isIndex, isManifestType, parseManifest } from '../content/manifest-validation.js';
import { maximumManifestSize } from '../content/strict-json.js';
import { BlobDirectory } from './blob-directory.js';
import { HeldDirectory } from './held-directory.js';
import { LayoutIndex, refNameKey } from './layout-index.js';

/**
 * Removes from an image layout what nothing that has a name leads to: manifests that were built before, their layers, and
 * what refers to them. Nobody may write to the layout meanwhile: of what is pushed and has no name yet nothing stays.
 * Throws BUNNY_EPATH where a link leads to its blobs, BUNNY_EMANIFEST for a manifest that is not well formed, and what the file system throws.
 */
export async function pruneLayout(directory: string): Promise<void> {
  const root = path.resolve(directory);
  const index = new LayoutIndex(root);
  const reached = await reachedFrom(await index.entries(), new BlobDirectory(root));
  await index.update((entries) => {
    const kept = entries.filter(({ digest }) => reached.has(digest));
    const isChanged = kept.length < entries.length;
    entries.length = 0;
    for (const entry of kept) entries.push(entry);
    return isChanged;
  });
  const held = holdBlobs(root);
  try {
    for (const hex of held?.list() ?? []) {
      if (/^[0-9a-f]{64}$/.test(hex) && !reached.has(`sha256:${hex}`)) held?.remove(hex);
    }
  } finally {
    held?.close();
  }
}

/** Over no link: what stands elsewhere is not the layout's. Undefined where there are no blobs. */
function holdBlobs(root: string): HeldDirectory | undefined {
  let layout: HeldDirectory | undefined;
  try {
    layout = HeldDirectory.open(root);
    return layout.below('blobs/sha256');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  } finally {
    layout?.close();
  }
}

/** Digests of all that entries lead to, from those that have a name or are no referrers. */
async function reachedFrom(entries: readonly Descriptor[], blobs: BlobDirectory): Promise<Set<string>> {
  const reached = new Set<string>();
  const subjects = new Map<string, string | undefined>();
  const manifestOf = async ({ digest, mediaType }: Descriptor) => {
    const bytes = isManifestType(mediaType) ? await blobs.readRaw(digest, maximumManifestSize) : undefined;
    return bytes === undefined ? undefined : parseManifest(bytes, mediaType, blobs.path(digest));
  };
  const reach = async (descriptor: Descriptor): Promise<void> => {
    if (reached.has(descriptor.digest)) return;
    reached.add(descriptor.digest);
    const document = await manifestOf(descriptor);
    if (document === undefined) return;
    const parts = isIndex(document) ? document.manifests : [document.config, ...document.layers];
    for (const part of parts) await reach(part);
  };
  for (const entry of entries) {
    const subject =
      entry.annotations?.[refNameKey] === undefined ? (await manifestOf(entry))?.subject?.digest : undefined;
    if (subject === undefined) await reach(entry);
    else subjects.set(entry.digest, subject);
  }
  // What refers to a referrer is reached by way of that one.
  for (let before = -1; before < reached.size; ) {
    before = reached.size;
    for (const entry of entries) if (reached.has(subjects.get(entry.digest) ?? '')) await reach(entry);
  }
  return reached;
}
