import { packManifest, type Target, type TransferOptions } from 'bunny-libos-oci';
import { mediaTypes } from 'bunny-libos-spec';
import { requirePublished } from './variant-tag.js';

const marker = /^(.+)_yank(\d{1,6})$/;

/**
 * Versions that are withdrawn: usable from a lock that has them, and for nobody else. Withdrawing one, and
 * taking that back, each add a tag `<version>_yank<N>` with the next number, so that nothing on the
 * registry is ever rewritten or removed; after an odd number of them the version is yanked.
 */
export function yankedVersions(tags: Iterable<string>): Set<string> {
  return new Set([...lastMarks(tags)].filter(([, number]) => number % 2 === 1).map(([version]) => version));
}

/**
 * Yanks a version of a component, or takes that back. False where it was so already. The mark is an
 * empty artifact (image-spec 1.1, "Guidelines for Artifact Usage"). Throws BUNNY_EVERSIONNOTFOUND.
 */
export async function yank(
  target: Target,
  version: string,
  yanked: boolean,
  options: TransferOptions = {},
): Promise<boolean> {
  const tags = await target.tags(options);
  requirePublished(target, tags, version);
  const last = lastMarks(tags).get(version) ?? 0;
  if ((last % 2 === 1) === yanked) return false;
  const descriptor = await packManifest(
    target,
    {
      artifactType: mediaTypes.yank,
      annotations: {
        'org.opencontainers.image.version': version,
        'io.github.bunny-libos.yanked': String(yanked),
      },
    },
    options,
  );
  await target.tag(descriptor, `${version}_yank${last + 1}`, options);
  return true;
}

/** Version -> the highest number that it is marked with. */
function lastMarks(tags: Iterable<string>): Map<string, number> {
  const last = new Map<string, number>();
  for (const tag of tags) {
    const [, version, number] = marker.exec(tag) ?? [];
    if (version !== undefined) last.set(version, Math.max(last.get(version) ?? 0, Number(number)));
  }
  return last;
}
