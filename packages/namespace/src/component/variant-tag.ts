import semver from 'semver';

const pattern = /^(.+)_([0-9a-f]{16})$/;

/** The version that a variant tag (`<version>_<16 hex digits>`) belongs to. Undefined for any other tag. */
export function versionOfVariantTag(tag: string): string | undefined {
  const version = pattern.exec(tag)?.[1];
  return version !== undefined && semver.valid(version) === version ? version : undefined;
}
