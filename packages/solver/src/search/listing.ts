import { type Parsed, preference } from './order.js';
import { own } from './request.js';
import type { Candidate, Root, SolveOptions } from './universe.js';
import { unknownVersion, type VersionReader } from './version.js';

/** Why a candidate can be in no closure of this root. */
export type Unusable =
  /** It was built for other values of these settings. */
  | { kind: 'settings'; names: readonly string[] }
  /** It is yanked, and no lock has it. */
  | { kind: 'yanked' }
  /** Its version is not semver. */
  | { kind: 'version' };

export interface UnusableCandidate {
  candidate: Candidate;
  reason: Unusable;
}

/** What the universe said of a component, sifted and sorted for one root. */
export interface Listing {
  /** Usable candidates, most preferred first. */
  candidates: readonly Parsed[];
  /** The others, as they came. */
  unusable: readonly UnusableCandidate[];
}

/** Sifts and sorts all candidates of a component. */
export function listingOf(
  name: string,
  candidates: readonly Candidate[],
  { settings }: Root,
  { strategy = 'highest', preferred }: SolveOptions,
  versions: VersionReader,
): Listing {
  const locked = preferred?.get(name);
  const usable: Parsed[] = [];
  const unusable: UnusableCandidate[] = [];
  // By index: an iterator for what is done for each candidate there is would be most of the work.
  for (let i = 0; i < candidates.length; i++) {
    const candidate = candidates[i] as Candidate;
    const isUnknown = candidate.unread === true && candidate.version === '';
    const version = isUnknown ? unknownVersion : versions.version(candidate.version);
    const names = disagreeing(candidate.settings, settings);
    if (version === undefined) unusable.push({ candidate, reason: { kind: 'version' } });
    else if (names.length > 0) unusable.push({ candidate, reason: { kind: 'settings', names } });
    else if (candidate.yanked === true && candidate.id !== locked) {
      unusable.push({ candidate, reason: { kind: 'yanked' } });
    } else usable.push({ candidate, version });
  }
  return { candidates: usable.sort(preference(strategy, locked)), unusable };
}

const none: readonly string[] = [];

/** The settings that a candidate was not built for. */
function disagreeing(built: Candidate['settings'], settings: Root['settings']): readonly string[] {
  if (built === undefined) return none;
  return Object.keys(built).filter((name) => own(built, name) !== own(settings, name));
}
