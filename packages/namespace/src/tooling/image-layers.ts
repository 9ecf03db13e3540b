import {
  type Index,
  isForeign,
  isIndex,
  isIndexType,
  type Manifest,
  type Network,
  parseManifest,
  parseReference,
  readBytes,
  readDiffIds,
  resolveReference,
  type Target,
} from 'bunny-libos-oci';
import { BunnyError, exitStatus, normaliseArchitecture } from 'bunny-libos-spec';
import type { RootfsLayer } from './rootfs-layer.js';
import { isRulesLayer } from './rules-layer.js';

export interface ImageOptions {
  /** What a reference to a layout is relative to. */
  directory: string;
  network: Pick<Network, 'open'>;
  signal?: AbortSignal | undefined;
}

/**
 * The layers of an OCI image, as they are on its registry or in its layout. Of an image for several platforms
 * the one for this machine is taken: a tooling layer runs where images are built. Of another tooling layer its
 * rules are left out: the new one has its own.
 * Throws BunnyError BUNNY_EROOTFS where there is no such image, and OciError.
 */
export async function imageLayers(
  reference: string,
  { directory, network, signal }: ImageOptions,
): Promise<RootfsLayer[]> {
  const { tag, digest, ...repository } = resolveReference(parseReference(reference), directory);
  const target = network.open(repository);
  const transfer = { signal };
  const manifest = await manifestHere(target, digest ?? tag ?? 'latest', transfer);
  const config = await readBytes(target, manifest.config, undefined, transfer);
  const diffIds = readDiffIds(config, manifest, target.name);
  if (diffIds === undefined) {
    throw failure(target, 'the configuration of the image does not name its layers', 'make the image again');
  }
  const foreign = manifest.layers.find(isForeign);
  if (foreign !== undefined) {
    throw failure(
      target,
      `the image has a layer that may not be distributed, ${foreign.digest}`,
      'choose an image all of whose layers are on its registry',
    );
  }
  return manifest.layers.flatMap((descriptor, index) =>
    isRulesLayer(descriptor)
      ? []
      : [{ descriptor, diffId: diffIds[index] ?? '', content: () => target.fetch(descriptor, transfer) }],
  );
}

async function manifestHere(
  target: Target,
  reference: string,
  transfer: { signal?: AbortSignal | undefined },
): Promise<Manifest> {
  const found = await target.fetchManifest(reference, transfer);
  if (found === undefined) {
    throw failure(target, `there is no image ${reference}`, 'correct rootfs.image in tooling.yaml');
  }
  const document = parseManifest(found.bytes, found.descriptor.mediaType, target.name);
  if (!isIndex(document)) return document;
  return await manifestHere(target, digestHere(target, document), transfer);
}

function digestHere(target: Target, index: Index): string {
  const here = normaliseArchitecture(process.arch);
  const found = index.manifests.find(
    ({ platform }) => platform?.os === 'linux' && normaliseArchitecture(platform.architecture) === here,
  );
  if (found === undefined || isIndexType(found.mediaType)) {
    throw failure(target, `the image is not made for linux/${here}`, 'choose an image for this machine');
  }
  return found.digest;
}

function failure(target: Target, summary: string, hint: string): BunnyError {
  return new BunnyError('BUNNY_EROOTFS', summary, {
    where: target.name,
    hint,
    exitStatus: exitStatus.registry,
  });
}
