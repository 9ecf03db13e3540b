import { OciError } from './errors.js';
import { isTag, parseReference, type Reference } from './reference.js';

/** Where an image is: in a repository, by tag or digest; or in an archive for `docker load`, which is only written. */
export type ImageReference =
  | { kind: 'repository'; repository: Reference; reference: string }
  | { kind: 'docker-archive'; file: string; name: string | undefined };

const archivePrefix = 'docker-archive:';

/**
 * Parses the name of an image as skopeo writes it: `host[:port]/path[:tag][@digest]`, `oci:DIR[:name]` with `name` or
 * `path:tag`, `docker-archive:FILE[:repository:tag]`. The tag is `latest` where none is given.
 * Throws BUNNY_EREFERENCE.
 */
export function parseImageReference(text: string): ImageReference {
  if (text.startsWith(archivePrefix)) return parseArchive(text);
  const { repository, reference = 'latest' } = parseManifestReference(text);
  return { kind: 'repository', repository, reference };
}

/**
 * Parses a reference to a manifest: its repository, and the digest or tag there; undefined where it has neither. In an
 * image layout a name of one word is a tag, as skopeo writes it: `oci:DIR:1.0`. Throws BUNNY_EREFERENCE.
 */
export function parseManifestReference(text: string): {
  repository: Reference;
  reference: string | undefined;
} {
  const { tag, digest, ...repository } = parseReference(text);
  const named = digest ?? tag;
  // A name without a colon is a tag: the layout is one repository.
  const { kind, path } = repository;
  if (named === undefined && kind === 'layout' && isTag(path)) {
    return { repository: { ...repository, path: '' }, reference: path };
  }
  return { repository, reference: named };
}

function parseArchive(text: string): ImageReference {
  const rest = text.slice(archivePrefix.length);
  const colon = rest.indexOf(':');
  const file = colon < 0 ? rest : rest.slice(0, colon);
  const name = colon < 0 ? undefined : rest.slice(colon + 1);
  if (file !== '' && !file.includes('\0') && (name === undefined || isLoadedName(name))) {
    return { kind: 'docker-archive', file, name };
  }
  throw new OciError(
    'BUNNY_EREFERENCE',
    `${JSON.stringify(text.slice(0, 300))} names no archive of an image`,
    {
      where: text.slice(0, 300),
      hint: 'write docker-archive:FILE, or docker-archive:FILE:repository:tag',
      exitStatus: 2,
    },
  );
}

/** What Docker calls an image that is loaded: `demo/hello:1.0`, `localhost:5000/hello:1.0`. */
function isLoadedName(name: string): boolean {
  const parts = /^(?:[a-z0-9.:-]+\/)?[a-z0-9]+(?:[._/-]+[a-z0-9]+)*:([A-Za-z0-9_.-]+)$/.exec(name);
  return isTag(parts?.[1] ?? '');
}
