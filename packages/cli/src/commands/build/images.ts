import type { BuiltImage } from 'bunny-libos-builder';
import { type ImageDestination, imageDestination, imagesOf, type Project } from 'bunny-libos-project';
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

/** How other tools call an image among those of a project: `oci:build/images:hello:amd64-qemu`. */
export function imageWord(
  project: Project,
  image: Pick<BuiltImage, 'name' | 'arch' | 'platform'> & { framework?: string | undefined },
): string {
  const { name, framework, arch, platform } = image;
  const tag = [framework, arch, platform].filter((part) => part !== undefined).join('-');
  return `oci:${shownPath(imagesOf(project).directory)}:${name}:${tag}`;
}

/** Whether a destination is on a registry. */
export function isOnRegistry(reference: ImageDestination['reference']): boolean {
  return reference.kind === 'repository' && reference.repository.kind === 'registry';
}

function misused(summary: string, hint: string): BunnyError {
  return new BunnyError('BUNNY_EUSAGE', summary, {
    where: 'bunny build',
    hint,
    exitStatus: exitStatus.usage,
  });
}
