import type { Target } from 'bunny-libos-oci';
import { BunnyError, exitStatus } from 'bunny-libos-spec';
import semver from 'semver';

const pattern = /^(.+)_([0-9a-f]{16})$/;

/** The version that a variant tag (`<version>_<16 hex digits>`) belongs to. Undefined for any other tag. */
export function versionOfVariantTag(tag: string): string | undefined {
  const version = pattern.exec(tag)?.[1];
  return version !== undefined && semver.valid(version) === version ? version : undefined;
}

/** Throws BUNNY_EVERSIONNOTFOUND where the tags of a component name no variant of a version. */
export function requirePublished(
  { name }: Pick<Target, 'name'>,
  tags: readonly string[],
  version: string,
): void {
  const versions = new Set(tags.flatMap((tag) => versionOfVariantTag(tag) ?? []));
  if (versions.has(version)) return;
  throw new BunnyError('BUNNY_EVERSIONNOTFOUND', `there is no version ${version}`, {
    where: name,
    hint:
      versions.size === 0
        ? 'nothing is published there'
        : `there are ${[...versions].sort(semver.rcompare).slice(0, 10).join(', ')}`,
    exitStatus: exitStatus.unsatisfiable,
  });
}
