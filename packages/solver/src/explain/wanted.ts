import { type CandidateSet, members } from '../search/candidate-set.js';
import type { UnusableCandidate } from '../search/listing.js';
import type { Parsed } from '../search/order.js';
import { meets, own, type Request } from '../search/request.js';
import { SortedVersions } from '../search/sorted-versions.js';
import type { Candidate } from '../search/universe.js';
import { compareVersions, parseRange, parseVersion } from '../search/version.js';
import { grouped } from './grouped.js';

/** What is wanted of a component: by its own name, or as the provider of a capability. */
export interface Want {
  /** The line that says so; 0 where none does. */
  line: number;
  /** Several where versions of the asker differ: each of them will do for one. None for a conflict. */
  requests: readonly Request[];
  /** Where it is wanted as a provider. */
  capability: string | undefined;
  allowed: CandidateSet;
}

/** Those that meet what is wanted, whatever it is that makes them unusable. */
export function wantedBy(
  unusable: readonly UnusableCandidate[],
  { requests, capability }: Pick<Want, 'requests' | 'capability'>,
): UnusableCandidate[] {
  const known = unusable.flatMap(({ candidate }): Parsed[] => {
    const text = capability === undefined ? candidate.version : own(candidate.provides, capability);
    const version = text === undefined ? undefined : parseVersion(text);
    return version === undefined ? [] : [{ candidate, version }];
  });
  known.sort((a, b) => compareVersions(a.version, b.version));
  const sorted = new SortedVersions(known);
  const wanted = new Set<Candidate>();
  // Each way to put it once: thousands of versions of an asker may each ask for a version of its own.
  for (const same of grouped(requests, ({ requirement }) => requirement.options).values()) {
    const set = sorted.inRange(same.flatMap(({ requirement }) => parseRange(requirement.version) ?? []));
    for (const index of members(set)) {
      const { candidate } = known[index] as Parsed;
      if (meets(candidate, same[0]?.requirement.options)) wanted.add(candidate);
    }
  }
  return unusable.filter(({ candidate }) => wanted.has(candidate));
}
