import type { ContainerImage } from 'bunny-libos-namespace';
import {
  type Descriptor,
  imageConfigType,
  imageLayerGzipType,
  packManifest,
  pushBytes,
  type StreamedEntry,
  type Target,
} from 'bunny-libos-oci';
import { annotations, canonicalJson, mediaTypes, present } from 'bunny-libos-spec';
import { type ImageLayer, imageConfig, uruncJson } from '../images/image-config.js';
import { type ImageFacts, imageTag, kernelPath, outputsPath, rootfsPath } from '../images/image-facts.js';
import type { ImageStore } from '../images/image-store.js';
import type { ArtifactType, LinkedImage, Made, Reports } from './artifact.js';
import { attachProvenance } from './provenance.js';
import { sbomsAmong } from './sbom.js';

/**
 * An OCI image for runtimes of containers that boot kernels, such as urunc: the kernel, the root file system and
 * `/urunc.json` are a layer each. It goes to the images of the project, as `NAME:ARCH-PLATFORM`.
 */
export const oci: ArtifactType = {
  type: 'oci',
  isForAll: true,
  isContainer: true,
  outputs: {},
  async write(files, made) {
    const { facts, images, linked, rootfs, container } = made;
    if (images === undefined) throw new Error('there is no place for OCI images');
    const notes = facts.annotations({
      kernel: container?.kernel ?? kernelPath,
      rootfs: container?.rootfs ?? (rootfs === undefined ? undefined : rootfsPath),
    });
    const layers = [...(await pushBase(images, container?.base)), ...(await pushLayers(images, made, notes))];
    const target = images.repository(facts.name);
    const config = imageConfig(facts, notes, layers, container?.base?.config);
    const manifest = await packManifest(target, {
      config: await pushBytes(target, imageConfigType, Buffer.from(canonicalJson(config))),
      layers: layers.map(({ layer }) => layer),
      annotations: { ...notes, ...ownAnnotations(facts, linked) },
    });
    const tag = imageTag(facts);
    files.elsewhere({
      output: 'manifest',
      name: `${facts.name}:${tag}`,
      digest: manifest.digest,
      path: images.blob(manifest.digest),
      commit: () => target.tag(manifest, tag),
    });
    return async (reports) => {
      if (linked !== undefined) await attachRecord(target, manifest, linked, reports);
      await attachSboms(target, manifest, reports);
      await attachProvenance(target, manifest, reports);
    };
  },
};

/** Layers of another image, as they are. */
async function pushBase(images: ImageStore, base: ContainerImage | undefined): Promise<ImageLayer[]> {
  const target = images.repository('');
  const layers: ImageLayer[] = [];
  for (const { descriptor, diffId, content } of base?.layers ?? []) {
    const { digest, size } = descriptor;
    const layer = { mediaType: layerTypes[descriptor.mediaType] ?? descriptor.mediaType, digest, size };
    await target.push(layer, content);
    layers.push({ layer, diffId });
  }
  return layers;
}

/** What Docker calls layers of the types that OCI has. */
const layerTypes: Readonly<Record<string, string>> = {
  'application/vnd.docker.image.rootfs.diff.tar.gzip': imageLayerGzipType,
  'application/vnd.docker.image.rootfs.diff.tar': 'application/vnd.oci.image.layer.v1.tar',
  'application/vnd.docker.image.rootfs.diff.tar.zstd': 'application/vnd.oci.image.layer.v1.tar+zstd',
};

/** A layer each, so that images that differ in one of them share the others. */
async function pushLayers(
  images: ImageStore,
  { image, rootfs, outputs = new Map(), container }: Made,
  notes: Readonly<Record<string, string>>,
): Promise<ImageLayer[]> {
  const file = (path: string, size: number, content: Pieces, mode?: number): StreamedEntry => ({
    ...{ path: path.slice(1), kind: 'file', size, content, mode },
  });
  const urunc = Buffer.from(uruncJson(notes));
  const all: [what: string, entries: readonly StreamedEntry[]][] = [
    ['files', container?.files ?? []],
    // A kernel may be a program of this machine, and is one whatever it was in a project.
    ['kernel', container?.kernel ? [] : [file(kernelPath, image.status.size, image.pieces(), 0o755)]],
    [
      'root file system',
      rootfs === undefined || container?.rootfs ? [] : [file(rootfsPath, rootfs.size, rootfs.pieces())],
    ],
    ...[...outputs].map(([name, made]): [string, StreamedEntry[]] => [
      name,
      [file(`${outputsPath}/${name}`, made.status.size, made.pieces())],
    ]),
    ['/urunc.json', [file('/urunc.json', urunc.length, [urunc])]],
  ];
  const layers: ImageLayer[] = [];
  for (const [what, entries] of all) {
    if (entries.length > 0) layers.push({ what, ...(await images.pushEntries(entries)) });
  }
  return layers;
}

type Pieces = Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

function ownAnnotations({ platform }: ImageFacts, linked: LinkedImage | undefined): Record<string, string> {
  return present({ [annotations.platform]: platform, [annotations.lock]: linked?.lock });
}

/** The build record, and the rules that say how the image boots, refer to it: they are found wherever it is copied with them. */
async function attachRecord(
  target: Target,
  subject: Descriptor,
  { rules }: LinkedImage,
  { record }: Reports,
): Promise<void> {
  if (record === undefined) return;
  const layers = [
    await pushBytes(target, mediaTypes.buildRecordLayer, Buffer.from(record)),
    await pushBytes(target, mediaTypes.toolingRules, await rules()),
  ];
  await packManifest(target, { artifactType: mediaTypes.buildRecord, layers, subject });
}

/** Bills of materials refer to the image, too, as other tools look for them. */
async function attachSboms(target: Target, subject: Descriptor, reports: Reports): Promise<void> {
  for (const [format, text] of sbomsAmong(reports)) {
    const { attachSbom, namedSbomFormats } = await import('bunny-libos-trust');
    for (const each of namedSbomFormats([format])) await attachSbom(target, subject, each, text);
  }
}
