import { emptyType, manifestType, pushBytes, type Target, type TransferOptions } from '@bunny/oci';
import { BunnyError, canonicalJson, exitStatus, mediaTypes } from '@bunny/spec';
import semver from 'semver';
import { versionOfVariantTag } from './variant-tag.js';

const marker = /^(.+)_yank(\d{1,6})$/;

/**
 * Whether a version is withdrawn: usable from a lock that has it, and for nobody else. Withdrawing it, and
 * taking that back, each add a tag `<version>_yank<N>` with the next number, so that nothing on the
 * registry is ever rewritten or removed; after an odd number of them the version is yanked.
 */
export function isYanked(tags: Iterable<string>, version: string): boolean {
  return lastMark(tags, version) % 2 === 1;
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
  const versions = new Set(tags.flatMap((tag) => versionOfVariantTag(tag) ?? []));
  if (!versions.has(version)) {
    throw new BunnyError('BUNNY_EVERSIONNOTFOUND', `there is no version ${version}`, {
      where: target.name,
      hint:
        versions.size === 0
          ? 'nothing is published there'
          : `there are ${[...versions].sort(semver.rcompare).slice(0, 10).join(', ')}`,
      exitStatus: exitStatus.unsatisfiable,
    });
  }
  if (isYanked(tags, version) === yanked) return false;
  const empty = await pushBytes(target, emptyType, Buffer.from('{}'), {}, options);
  const number = lastMark(tags, version) + 1;
  const manifest = {
    schemaVersion: 2,
    mediaType: manifestType,
    artifactType: mediaTypes.yank,
    config: empty,
    layers: [empty],
    annotations: { 'org.opencontainers.image.version': version, 'dev.bunny.yanked': String(yanked) },
  };
  const bytes = Buffer.from(canonicalJson(manifest));
  const descriptor = await pushBytes(target, manifestType, bytes, {}, options);
  await target.tag(descriptor, `${version}_yank${number}`, options);
  return true;
}

function lastMark(tags: Iterable<string>, version: string): number {
  let last = 0;
  for (const tag of tags) {
    const [, marked, number] = marker.exec(tag) ?? [];
    if (marked === version) last = Math.max(last, Number(number));
  }
  return last;
}
