import { join, resolve } from 'node:path';
import { type ImageStore, imageStoreBeside } from 'bunny-libos-builder';
import {
  type ImageReference,
  isTag,
  type Network,
  OciError,
  parseImageReference,
  resolveReference,
} from 'bunny-libos-oci';
import { readDocumentFile } from 'bunny-libos-resolver';
import { sha256 } from 'bunny-libos-spec';
import type { Project } from '../open/project.js';

/** Where images go: what a reference of the command line names. */
export interface ImageDestination {
  /** As it was written. */
  text: string;
  reference: ImageReference;
}

/** Parses where images are to go. Throws BUNNY_EREFERENCE, also for a digest: what is written gets a tag. */
export function imageDestination(text: string): ImageDestination {
  const reference = parseImageReference(text);
  if (reference.kind === 'docker-archive') {
    return { text, reference: { ...reference, file: resolve(reference.file) } };
  }
  if (!isTag(reference.reference)) {
    throw new OciError('BUNNY_EREFERENCE', 'an image is written under a tag, not a digest', {
      where: text,
      hint: 'name a tag: host/path:tag',
      exitStatus: 2,
    });
  }
  const repository = resolveReference(reference.repository, process.cwd());
  return { text, reference: { ...reference, repository } };
}

/** sha256 of the lock of a project, as it is by now: what an image tells of where it comes from. */
export async function lockDigest(project: Project): Promise<string> {
  return sha256(await readDocumentFile(project.lockFile, Number.MAX_SAFE_INTEGER));
}

/** The OCI images of a project: beside its other outputs, or where `output` puts those. */
export function imagesOf({ directory, network, signal }: Project, output?: string): ImageStore {
  const image = output === undefined ? join(directory, 'build', 'image') : resolve(output);
  const open = (layout: Parameters<Network['open']>[0]) => network.open(layout);
  return imageStoreBeside(image, { open, signal, isNamed: output !== undefined });
}
