import {
  type Descriptor,
  isIndex,
  maximumManifestSize,
  packArchive,
  packManifest,
  parseManifest,
  pushBytes,
  readBytes,
  type Target,
  type TransferOptions,
} from 'bunny-libos-oci';
import { BunnyError, exitStatus, mediaTypes } from 'bunny-libos-spec';
import type { LocalComponent } from '../plan/component-directory.js';
import { readUnchanged } from '../plan/component-file.js';
import { componentFile } from '../plan/source-tree.js';

/** Of a packed source tree, in bytes. */
const largestArchive = 256 * 1024 * 1024;

/**
 * The source tree of a component as a layer: component.yaml, and exactly the files that its layer hashes are made from. The
 * same tree gives the same bytes. Throws BUNNY_ESOURCE where a file was changed since it was read,
 * BUNNY_ETOOLARGE.
 */
export async function packSource(local: LocalComponent): Promise<{ bytes: Uint8Array; digest: string }> {
  const where = local.document.at([]);
  const entries: { path: string; content?: Uint8Array | string }[] = [
    { path: componentFile, content: local.text },
    ...emptyDirectories(local).map((path) => ({ path })),
  ];
  for (const file of local.files) {
    entries.push({ path: file.path, content: await readUnchanged(local, file, where) });
  }
  const archive = await packArchive(entries);
  if (archive.bytes.length <= largestArchive) return archive;
  throw new BunnyError('BUNNY_ETOOLARGE', 'these sources are too large to attach', {
    where: local.file,
    hint: `packed they may have ${largestArchive / 1024 / 1024} MiB: take out with \`exclude\` what is not compiled, or publish without --with-source`,
    exitStatus: exitStatus.usage,
  });
}

/** Directories of headers that have none: they are named, and so have to be there. */
function emptyDirectories({ document, files }: LocalComponent): string[] {
  const { include, sources } = document.value;
  const named = [
    ...include.map(({ directory }) => directory),
    ...sources.flatMap((entry) => entry.include ?? []),
  ];
  const plain = named.map((path) => path.replace(/\/+$/, '')).filter((path) => path !== '.' && path !== '');
  return [...new Set(plain)].filter((path) => !files.some((file) => file.path.startsWith(`${path}/`)));
}

/** Attaches a packed source tree to a variant, as a referrer. The same one again changes nothing. */
export async function attachSource(
  target: Target,
  { mediaType, digest, size }: Descriptor,
  archive: Uint8Array,
  options: TransferOptions = {},
): Promise<void> {
  const layer = await pushBytes(target, mediaTypes.sourceLayer, archive, {}, options);
  const subject = { mediaType, digest, size };
  await packManifest(target, { artifactType: mediaTypes.source, layers: [layer], subject }, options);
}

/**
 * The layers with sources that are attached to a variant. Anybody who may push attaches one: nothing vouches for them but the
 * layer hash. What is larger than any that is attached here is passed over, unread. Throws what the target throws.
 */
export async function attachedSources(
  target: Target,
  subject: Descriptor,
  options: TransferOptions = {},
): Promise<Descriptor[]> {
  const layers = new Map<string, Descriptor>();
  for (const referrer of await target.referrers(subject, mediaTypes.source, options)) {
    const where = `${target.name}@${referrer.digest}`;
    const bytes = await readBytes(target, referrer, maximumManifestSize, options);
    const manifest = parseManifest(bytes, referrer.mediaType, where);
    if (isIndex(manifest)) continue;
    for (const layer of manifest.layers) {
      const isTaken = layer.mediaType === mediaTypes.sourceLayer && layer.size <= largestArchive;
      if (isTaken) layers.set(layer.digest, layer);
    }
  }
  return [...layers.values()];
}
