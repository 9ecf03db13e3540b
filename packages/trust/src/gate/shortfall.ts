import { BunnyError, formatPosition, variantTag } from 'bunny-libos-spec';
import { authorsOf } from '../policy/holder.js';
import type { OpenRule } from '../policy/open-policy.js';
import type { Publication } from '../publication/statement.js';
import { isMadeBy } from '../signatures/author.js';
import type { Rotation } from '../signatures/found-signature.js';

/** Tags that are named; whoever lost hundreds has them in the registry's own list. */
const mostNamed = 5;

/** A repository as a registry lists it. */
export interface Listing {
  /** Canonical name. */
  repository: string;
  tags: readonly string[];
}

/** Those of the tags that were seen and are gone. What only signs other things comes and goes. Pure. */
export function lostTags({ tags }: Listing, seen: ReadonlySet<string>): string[] {
  const now = new Set(tags);
  return [...seen].filter((tag) => !now.has(tag)).sort();
}

/** Whether a tag is one that is never taken away. */
export function isLasting(tag: string): boolean {
  return !tag.startsWith('sha256-');
}

/**
 * The tags of variants that statements name and the listing lacks. Statements count whose signer the rules ask for: others
 * could name what never was. Pure.
 */
export function withheldTags(
  { repository, tags }: Listing,
  publications: readonly Publication[],
  rotations: readonly Rotation[],
  rules: readonly OpenRule[],
): string[] {
  const now = new Set(tags);
  const authors = rules
    .flatMap(({ signers }) => signers?.holders ?? [])
    // Whoever has a revoked key can hide nothing by naming it.
    .flatMap((holder) => authorsOf('key' in holder ? { ...holder, revoked: undefined } : holder, rotations));
  const withheld = new Set<string>();
  for (const publication of publications) {
    const { repository: home, version, variants } = publication;
    if (home !== repository) continue;
    const missing = [...variants.values()]
      .map((hash) => variantTag(version, hash))
      .filter((tag) => !now.has(tag));
    if (missing.length === 0 || !authors.some((author) => isMadeBy(author, publication))) continue;
    for (const tag of missing) withheld.add(tag);
  }
  return [...withheld].sort();
}

/** Says what a repository does not show. */
export function shortfallText(repository: string, what: string, tags: readonly string[]): string {
  const more = tags.length - mostNamed;
  return `${repository} ${what}: ${tags.slice(0, mostNamed).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

/** The error for a repository that shows less than it did, at the line that refuses that: BUNNY_EROLLBACK. */
export function rolledBack(text: string, { where }: OpenRule, file: string): BunnyError {
  return new BunnyError('BUNNY_EROLLBACK', text, {
    where,
    details: [`${formatPosition(where)} refuses a repository that shows less than it did`],
    hint: `ask whoever publishes there; where it was removed on purpose, remove ${file}`,
  });
}
