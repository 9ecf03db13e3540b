import { type Index, manifestType, packManifest, type Target, type TransferOptions } from 'bunny-libos-oci';
import { annotations, BunnyError, exitStatus, mediaTypes } from 'bunny-libos-spec';
import semver from 'semver';
import { readManifest } from '../manifest/manifest.js';
import type { Variant } from './variant.js';
import { requirePublished } from './variant-tag.js';

/** That a version is not to be used any more, and why: the mark of the highest number is in force. */
export interface Deprecation {
  /** Counts the marks of a version: a mark with an even one takes back what the one before says. */
  number: number;
  /** Empty where it is taken back. */
  reason: string;
}

const marker = /^(.+)_deprecated(\d{1,6})$/;

/** Characters of a reason that are kept: it stands in every index. */
const longestReason = 1000;

/** Version -> the highest number that it is marked with. No request: tags tell. */
export function lastDeprecations(tags: Iterable<string>): Map<string, number> {
  const last = new Map<string, number>();
  for (const tag of tags) {
    const [, version, number] = marker.exec(tag) ?? [];
    if (version === undefined || semver.valid(version) !== version) continue;
    last.set(version, Math.max(last.get(version) ?? 0, Number(number)));
  }
  return last;
}

/** Whether the mark of this number says that a version is deprecated. */
export function isDeprecatedBy(number: number | undefined): boolean {
  return number !== undefined && number % 2 === 1;
}

/**
 * Marks a version of a component as deprecated, or with an empty reason as that no more: an empty artifact under the next tag
 * `<version>_deprecated<N>`, and one that refers to each variant, which is how other tools find it. Nothing is rewritten or
 * removed. False where it was so already, for the same reason. Throws BUNNY_EVERSIONNOTFOUND, BUNNY_EUSAGE for
 * one that is too long.
 */
export async function deprecate(
  target: Target,
  version: string,
  reason: string,
  variants: readonly Variant[],
  options: TransferOptions = {},
): Promise<boolean> {
  if (reason.length > longestReason) {
    throw new BunnyError(
      'BUNNY_EUSAGE',
      `the reason has ${reason.length} characters; at most ${longestReason} are kept`,
      {
        where: '--reason',
        hint: 'name the place where the rest is told',
        exitStatus: exitStatus.usage,
      },
    );
  }
  const tags = await target.tags(options);
  requirePublished(target, tags, version);
  const last = lastDeprecations(tags).get(version) ?? 0;
  const now = await readDeprecation(target, tags, version, undefined, options);
  if ((now?.reason ?? '') === reason) return false;
  // Another reason is told by a mark of its own: the one that takes back comes between.
  const number = isDeprecatedBy(last) && reason !== '' ? last + 2 : last + 1;
  const mark = {
    artifactType: mediaTypes.deprecation,
    annotations: {
      'org.opencontainers.image.version': version,
      [annotations.deprecated]: reason,
      [annotations.deprecationNumber]: String(number),
    },
  };
  for (const { manifest } of variants) {
    const subject = { mediaType: manifestType, digest: manifest.digest, size: manifest.size };
    await packManifest(target, { ...mark, subject }, options);
  }
  const descriptor = await packManifest(target, mark, options);
  await target.tag(descriptor, `${version}_deprecated${number}`, options);
  return true;
}

/**
 * What is in force of a version, by its tags; undefined where it is not deprecated. One request, where `known`, what the index
 * of the version says, is behind.
 */
export async function readDeprecation(
  target: Target,
  tags: Iterable<string>,
  version: string,
  known: Deprecation | undefined,
  options: TransferOptions = {},
): Promise<Deprecation | undefined> {
  const number = lastDeprecations(tags).get(version);
  if (number === undefined || !isDeprecatedBy(number)) return undefined;
  if (known?.number === number) return known;
  const tag = `${version}_deprecated${number}`;
  const found = await target.fetchManifest(tag, options);
  if (found === undefined) return { number, reason: unknownReason };
  const manifest = readManifest(found.bytes, found.descriptor.mediaType, `${target.name}:${tag}`);
  return {
    number,
    reason: manifest.annotations?.[annotations.deprecated]?.slice(0, longestReason) || unknownReason,
  };
}

/** Where it cannot be had. */
export const unknownReason = 'no reason is told';

/** What the index of a version says of it. Undefined where it says nothing, or nothing that can be read. */
export function deprecationOfIndex({
  annotations: notes,
}: Pick<Index, 'annotations'>): Deprecation | undefined {
  const number = Number(notes?.[annotations.deprecationNumber]);
  const reason = notes?.[annotations.deprecated];
  if (!Number.isSafeInteger(number) || reason === undefined) return undefined;
  return { number, reason: reason.slice(0, longestReason) };
}

/** The annotations with which an index says so; none where it is not so, so that it has the bytes it always had. */
export function deprecationAnnotations(deprecation: Deprecation | undefined): Record<string, string> {
  if (deprecation === undefined) return {};
  const { number, reason } = deprecation;
  return { [annotations.deprecated]: reason, [annotations.deprecationNumber]: String(number) };
}
