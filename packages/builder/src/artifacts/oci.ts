import {
  type Descriptor,
  imageConfigType,
  packManifest,
  pushBytes,
  type StreamedFile,
  type Target,
} from 'bunny-libos-oci';
import { annotations, canonicalJson, mediaTypes } from 'bunny-libos-spec';
import { imageConfig, uruncJson } from '../images/image-config.js';
import { type ImageFacts, imageTag, kernelPath, rootfsPath } from '../images/image-facts.js';
import type { ImageStore } from '../images/image-store.js';
import type { ArtifactType, LinkedImage, Made, Reports } from './artifact.js';

/**
 * An OCI image for runtimes of containers that boot kernels, such as urunc: the kernel, the root file system and
 * `/urunc.json` are a layer each. It goes to the images of the project, as `NAME:ARCH-PLATFORM`.
 */
export const oci: ArtifactType = {
  type: 'oci',
  isForAll: true,
  outputs: {},
  async write(files, made) {
    const { facts, images, linked, rootfs } = made;
    if (images === undefined) throw new Error('there is no place for OCI images');
    const notes = facts.annotations({
      kernel: kernelPath,
      rootfs: rootfs === undefined ? undefined : rootfsPath,
    });
    const layers = await pushLayers(images, made, notes);
    const target = images.repository(facts.name);
    const config = Buffer.from(canonicalJson(imageConfig(facts, notes, layers)));
    const manifest = await packManifest(target, {
      config: await pushBytes(target, imageConfigType, config),
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
    };
  },
};

/** A layer each, so that images that differ in one of them share the others. */
async function pushLayers(
  images: ImageStore,
  { image, rootfs }: Made,
  notes: Readonly<Record<string, string>>,
): Promise<{ what: string; layer: Descriptor; diffId: string }[]> {
  const urunc = Buffer.from(uruncJson(notes));
  const files: [what: string, file: StreamedFile][] = [
    // A kernel may be a program of this machine, and is one whatever it was in a project.
    ['kernel', { path: kernelPath, size: image.status.size, mode: 0o755, content: image.pieces() }],
  ];
  if (rootfs !== undefined) {
    files.push(['root file system', { path: rootfsPath, size: rootfs.size, content: rootfs.pieces() }]);
  }
  files.push(['/urunc.json', { path: '/urunc.json', size: urunc.length, content: [urunc] }]);
  const layers = [];
  for (const [what, file] of files) {
    layers.push({ what, ...(await images.pushFile({ ...file, path: file.path.slice(1) })) });
  }
  return layers;
}

function ownAnnotations({ platform }: ImageFacts, linked: LinkedImage | undefined): Record<string, string> {
  return {
    ...(platform === undefined ? {} : { [annotations.platform]: platform }),
    ...(linked?.lock === undefined ? {} : { [annotations.lock]: linked.lock }),
  };
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
