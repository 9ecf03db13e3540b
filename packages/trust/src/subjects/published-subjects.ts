import {
  type Descriptor,
  formatReference,
  type Index,
  isIndex,
  type Manifest,
  OciError,
  parseManifest,
  parseManifestReference,
  type Target,
  type TransferOptions,
} from 'bunny-libos-oci';
import { annotations, mediaTypes } from 'bunny-libos-spec';
import { canonicalRepository } from '../signatures/canonical-repository.js';
import type { Subject } from '../signatures/claims.js';

/** A manifest on a target, and what it is signed as. */
export interface PublishedSubject {
  descriptor: Descriptor;
  subject: Subject;
  /** As its manifest says; undefined where it does not say one. */
  version: string | undefined;
}

/**
 * What a reference with a tag or digest names: one manifest, or for a version of a component each of its variants, as the
 * index of a version is written anew with each variant. `home` is the canonical repository where that is another one.
 * Throws BUNNY_EREFERENCE without a tag or digest, BUNNY_ENOTFOUND, and as the target does.
 */
export async function publishedSubjects(
  target: Target,
  reference: string,
  { home, ...options }: TransferOptions & { home?: string | undefined } = {},
): Promise<PublishedSubject[]> {
  const { repository: place, reference: wanted } = parseManifestReference(reference);
  if (wanted === undefined) throw whichOne(reference);
  const repository = canonicalRepository(home ?? formatReference(place));
  const { descriptor, document } = await fetchDocument(target, wanted, reference, options);
  if (!isIndex(document)) return [publishedSubject(descriptor, document, repository)];
  const variants = document.manifests.filter(({ artifactType }) => artifactType === mediaTypes.component);
  if (variants.length === 0) return [publishedSubject(descriptor, document, repository)];
  return Promise.all(
    variants.map(async (variant) => {
      // The index says what the layer hash of each is, and nobody vouches for it.
      const one = await fetchDocument(target, variant.digest, reference, options);
      return publishedSubject(one.descriptor, one.document, repository);
    }),
  );
}

function publishedSubject(
  descriptor: Descriptor,
  { annotations: notes }: Manifest | Index,
  repository: string,
): PublishedSubject {
  const { digest } = descriptor;
  return {
    descriptor,
    subject: { digest, repository, layerHash: notes?.[annotations.layerHash] },
    version: notes?.['org.opencontainers.image.version'],
  };
}

async function fetchDocument(
  target: Target,
  wanted: string,
  reference: string,
  options: TransferOptions,
): Promise<{ descriptor: Descriptor; document: Manifest | Index }> {
  const fetched = await target.fetchManifest(wanted, options);
  if (fetched === undefined) {
    throw new OciError('BUNNY_ENOTFOUND', `there is no ${wanted}`, {
      where: reference,
      hint: 'correct the reference; `bunny inspect` lists what a repository has',
    });
  }
  const { descriptor, bytes } = fetched;
  return { descriptor, document: parseManifest(bytes, descriptor.mediaType, reference) };
}

function whichOne(reference: string): OciError {
  return new OciError('BUNNY_EREFERENCE', 'the reference names a repository, not what is in it', {
    where: reference,
    hint: `add a tag or digest: ${reference}:1.0.0`,
    exitStatus: 2,
  });
}
