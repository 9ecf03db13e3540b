import {
  type Descriptor,
  type Index,
  isForeign,
  isIndex,
  isIndexType,
  type Manifest,
  type Network,
  parseManifest,
  parseStrictJson,
  type Reference,
  readBytes,
  readDiffIds,
  resolveReference,
  type Target,
} from 'bunny-libos-oci';
import { BunnyError, exitStatus, normaliseArchitecture } from 'bunny-libos-spec';
import type { RootfsLayer } from './rootfs-layer.js';

export interface ImageOptions {
  /** What a reference to a layout is relative to. */
  directory: string;
  network: Pick<Network, 'open'>;
  signal?: AbortSignal | undefined;
  /** Which of several images is taken: the one for this machine where left out. */
  platform?: { os: string; architecture: string } | undefined;
  /** What to do where there is no such image. */
  hint: string;
}

/** A repository, and a tag or digest there. */
export interface NamedImage {
  repository: Reference;
  reference: string;
}

/** An image of a container, as it is on its registry or in its layout. */
export interface ContainerImage {
  target: Target;
  /** Bottom first. */
  layers: RootfsLayer[];
  /** The configuration (image-spec 1.1, config.md): anything may be in it. */
  config: unknown;
}

/**
 * Reads what an OCI image consists of, without its layers. Throws BunnyError BUNNY_EROOTFS where there is no such image, or
 * a layer of it may not be distributed, and OciError.
 */
export async function readContainerImage(
  { repository, reference }: NamedImage,
  options: ImageOptions,
): Promise<ContainerImage> {
  const target = options.network.open(resolveReference(repository, options.directory));
  const transfer = { signal: options.signal };
  const manifest = await manifestFor(target, reference, options);
  const bytes = await readBytes(target, manifest.config, undefined, transfer);
  const diffIds = readDiffIds(bytes, manifest, target.name);
  if (diffIds === undefined) {
    const hint = 'make the image again';
    throw failure(target.name, 'the configuration of the image does not name its layers', hint);
  }
  const foreign = manifest.layers.find(isForeign);
  if (foreign !== undefined) {
    throw failure(
      target.name,
      `the image has a layer that may not be distributed, ${foreign.digest}`,
      'choose an image all of whose layers are on its registry',
    );
  }
  const layers = manifest.layers.map((descriptor: Descriptor, index) => ({
    descriptor,
    diffId: diffIds[index] ?? '',
    content: () => target.fetch(descriptor, transfer),
  }));
  return { target, layers, config: parseStrictJson(bytes, target.name) };
}

async function manifestFor(target: Target, reference: string, options: ImageOptions): Promise<Manifest> {
  const found = await target.fetchManifest(reference, { signal: options.signal });
  if (found === undefined) throw failure(target.name, `there is no image ${reference}`, options.hint);
  const document = parseManifest(found.bytes, found.descriptor.mediaType, target.name);
  if (!isIndex(document)) return document;
  return await manifestFor(target, digestFor(target, document, options), options);
}

function digestFor(target: Target, index: Index, { platform }: ImageOptions): string {
  const { os, architecture } = platform ?? { os: 'linux', architecture: normaliseArchitecture(process.arch) };
  const found = index.manifests.find(
    (each) => each.platform?.os === os && normaliseArchitecture(each.platform.architecture) === architecture,
  );
  if (found === undefined || isIndexType(found.mediaType)) {
    const hint = platform === undefined ? 'choose an image for this machine' : 'choose an image for that';
    throw failure(target.name, `the image is not made for ${os}/${architecture}`, hint);
  }
  return found.digest;
}

function failure(where: string, summary: string, hint: string): BunnyError {
  return new BunnyError('BUNNY_EROOTFS', summary, { where, hint, exitStatus: exitStatus.registry });
}
