import type { BuiltImage } from 'bunny-libos-builder';
import {
  deliverImages,
  type ImageDestination,
  imageDestination,
  imagesOf,
  type Project,
} from 'bunny-libos-project';
import { BunnyError, exitStatus } from 'bunny-libos-spec';
import { shownPath } from '../../terminal/shown-path.js';
import type { Context } from './command.js';

/** Where the flags want OCI images. Throws BUNNY_EUSAGE where none is built, BUNNY_EREFERENCE. */
export function askedDestinations({ type = [], tag = [], push }: Context['flags']): ImageDestination[] {
  if (tag.length > 0 && !type.includes('oci')) {
    throw misused('--tag names an OCI image, and none is built', 'add --type oci');
  }
  const destinations = tag.map(imageDestination);
  const isToRegistry = destinations.some(({ reference }) => isOnRegistry(reference));
  if (push && !isToRegistry) {
    throw misused('--push has nowhere to push to', 'name the image on a registry: --tag host/path:tag');
  }
  return destinations;
}

/** Brings the images that were built to where they go, and says so. Returns what became of each destination. */
export async function deliver(
  project: Project,
  { flags, terminal, signal }: Context,
  built: readonly BuiltImage[],
  destinations: readonly ImageDestination[],
): Promise<object[]> {
  const named: object[] = [];
  for (const destination of destinations) {
    const { text } = destination;
    terminal.progress(`writing ${text}`);
    const { network } = project;
    const options = { network, signal, push: flags.push === true };
    const store = imagesOf(project, flags.output);
    const { descriptor, isDelivered } = await deliverImages(store, built, destination, options);
    terminal.clear();
    const what = `${text}@${descriptor.digest}`;
    if (isDelivered) terminal.done(isOnRegistry(destination.reference) ? 'Pushed' : 'Wrote', what);
    else terminal.done('Named', `${what}: push it with bunny push ${text}`);
    named.push({ reference: text, digest: descriptor.digest, written: isDelivered });
  }
  return named;
}

/** How other tools call an image among those of a project: `oci:build/images:hello:amd64-qemu`. */
export function imageWord(
  project: Project,
  image: Pick<BuiltImage, 'name' | 'arch' | 'platform'> & { framework?: string | undefined },
): string {
  const { name, framework, arch, platform } = image;
  const tag = [framework, arch, platform].filter((part) => part !== undefined).join('-');
  return `oci:${shownPath(imagesOf(project).directory)}:${name}:${tag}`;
}

function isOnRegistry(reference: ImageDestination['reference']): boolean {
  return reference.kind === 'repository' && reference.repository.kind === 'registry';
}

function misused(summary: string, hint: string): BunnyError {
  return new BunnyError('BUNNY_EUSAGE', summary, {
    where: 'bunny build',
    hint,
    exitStatus: exitStatus.usage,
  });
}
