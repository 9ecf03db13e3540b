import { resolve } from 'node:path';
import {
  assembleImages,
  type BuiltImage,
  type ImageStore,
  readImages,
  requireFreeOutputs,
} from 'bunny-libos-builder';
import { copy, type Descriptor, formatReference, writeDockerArchive } from 'bunny-libos-oci';
import { BunnyError, exitStatus } from 'bunny-libos-spec';
import type { Project } from '../open/project.js';
import { type ImageDestination, imagesOf } from './images.js';

/** What became of images that were named. */
export interface NamedImages {
  /** Of the manifest, or of the index of several. */
  descriptor: Descriptor;
  /** Whether they are where the reference leads; else they have their name among the images of the project. */
  isDelivered: boolean;
}

/** An image as its tag among those of a project tells of it. */
export interface TaggedImage extends BuiltImage {
  /** Where the project has several. */
  framework?: string;
}

/** What is asked for of the images that were built; all where nothing is. */
export interface AskedImages {
  framework?: readonly string[] | undefined;
  arch?: readonly string[] | undefined;
  platform?: readonly string[] | undefined;
}

/**
 * Holds that as many images can be brought there. Throws BUNNY_EUSAGE for several in an archive for `docker load`, which
 * holds one.
 */
export function requireRoomForImages({ text, reference }: ImageDestination, images: number): void {
  if (reference.kind !== 'docker-archive' || images <= 1) return;
  throw new BunnyError(
    'BUNNY_EUSAGE',
    `an archive for docker load holds one image, and these are ${images}`,
    {
      where: text,
      hint: 'choose one with --arch and --platform, or write an image layout: oci:DIR:tag',
      exitStatus: exitStatus.usage,
    },
  );
}

/**
 * Brings images that were built to where a reference leads, as one index where they are several, with all that refers to
 * them. To a registry only where `push` says so: else they have that name among the images of the project, for
 * `pushNamed`. Throws BUNNY_ENOTFOUND, BUNNY_EUSAGE for several in an archive that holds one, and what writing throws.
 */
export async function deliverImages(
  project: Project,
  images: readonly BuiltImage[],
  destination: ImageDestination,
  { push, output }: { push: boolean; output?: string | undefined },
): Promise<NamedImages> {
  const { reference } = destination;
  requireRoomForImages(destination, images.length);
  const { network, signal } = project;
  const store = imagesOf(project, output);
  if (reference.kind === 'docker-archive') {
    const inputs = [project.file, project.lockFile].map((path) => resolve(path));
    const place = { directory: project.directory, output: reference.file };
    await requireFreeOutputs({ archive: reference.file }, inputs, place);
  }
  return await store.hold(async () => {
    const descriptor = await assembleImages(store, images);
    const from = store.repository('');
    if (reference.kind === 'docker-archive') {
      const name = reference.name ?? `${images[0]?.name ?? 'app'}:latest`;
      await writeDockerArchive(from, descriptor.digest, reference.file, name, { signal });
      return { descriptor, isDelivered: true };
    }
    const { repository, reference: tag } = reference;
    if (repository.kind === 'registry') {
      await store.repository(formatReference(repository)).tag(descriptor, tag);
      if (!push) return { descriptor, isDelivered: false };
    }
    const to = network.open(repository);
    await copy(from, to, descriptor.digest, { tags: [tag], referrers: true, signal });
    return { descriptor, isDelivered: true };
  });
}

/**
 * Brings what was built before to where a reference leads: what has this name among the images of the project, else all
 * that was built for these targets. Throws BUNNY_ENOTFOUND where there is none, and as `deliverImages`.
 */
export async function pushImages(
  project: Project,
  destination: ImageDestination,
  asked: AskedImages,
): Promise<NamedImages & { images: readonly TaggedImage[] }> {
  const { network, signal } = project;
  const store = imagesOf(project);
  const { reference } = destination;
  const isNarrowed = [asked.framework, asked.arch, asked.platform].some((each) => each !== undefined);
  if (reference.kind === 'repository' && reference.repository.kind === 'registry' && !isNarrowed) {
    const named = store.repository(formatReference(reference.repository));
    const descriptor = await named.resolve(reference.reference);
    if (descriptor !== undefined) {
      const to = network.open(reference.repository);
      await store.hold(() => copy(named, to, reference.reference, { referrers: true, signal }));
      return { descriptor, isDelivered: true, images: [] };
    }
  }
  const { name, framework: only } = project.document.value;
  const built = await builtImages(store, name);
  const images = built.filter(
    ({ framework = only, arch, platform = '' }) =>
      (asked.framework?.includes(framework) ?? true) &&
      (asked.arch?.includes(arch) ?? true) &&
      (asked.platform?.includes(platform) ?? true),
  );
  if (images.length === 0) throw notBuilt(store.directory, built);
  return { ...(await deliverImages(project, images, destination, { push: true })), images };
}

/** The images of an app that were built for its targets, sorted by what they are called. */
async function builtImages(store: ImageStore, name: string): Promise<TaggedImage[]> {
  const target = store.repository(name);
  const images: TaggedImage[] = [];
  for (const tag of await target.tags()) {
    for (const { arch, platform, descriptor } of (await readImages(target, tag)) ?? []) {
      const called = platform === undefined ? arch : `${arch}-${platform}`;
      const framework = tag.endsWith(`-${called}`) ? tag.slice(0, -called.length - 1) : undefined;
      images.push({ name, ...(framework && { framework }), arch, platform, digest: descriptor.digest });
    }
  }
  return images;
}

function notBuilt(where: string, built: readonly TaggedImage[]): BunnyError {
  const there = built.map(({ framework, arch, platform }) =>
    [framework, arch, platform].filter((part) => part !== undefined).join('/'),
  );
  return new BunnyError('BUNNY_ENOTFOUND', 'no such OCI image was built here', {
    where,
    hint: `build it: bunny build --type oci${there.length === 0 ? '' : `; what was built is for ${there.join(', ')}`}`,
    exitStatus: exitStatus.unsatisfiable,
  });
}
