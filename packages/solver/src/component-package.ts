import { type CandidateSet, nothing, only, where } from './candidate-set.js';
import type { Listing } from './listing.js';
import type { Parsed } from './order.js';
import { applies, meets, own, type Request, requestKey, requestsOf } from './request.js';
import type { Candidate, Scalar } from './universe.js';
import { inRange, type Range, unknownVersion } from './version.js';

const none: ReadonlySet<string> = new Set();

/** A component: its candidates are numbered in order of preference. */
export class ComponentPackage {
  readonly kind = 'component';
  readonly number: number;
  readonly name: string;
  readonly settings: Readonly<Record<string, Scalar>>;
  /** Undefined until it is asked for; null where no such component exists. */
  listing: Listing | null | undefined;
  /** The candidates of which it is known what they bring with them. */
  expanded: CandidateSet = nothing;
  readonly #allowed = new Map<string, CandidateSet>();
  readonly #requests: (readonly Request[] | undefined)[] = [];

  constructor(number: number, name: string, settings: Readonly<Record<string, Scalar>>) {
    this.number = number;
    this.name = name;
    this.settings = settings;
  }

  get candidates(): readonly Parsed[] {
    return this.listing?.candidates ?? [];
  }

  candidate(index: number): Candidate {
    return (this.candidates[index] as Parsed).candidate;
  }

  /** The set of one candidate. */
  only(index: number): CandidateSet {
    return only(index);
  }

  /** The candidates for which the predicate holds. */
  where(predicate: (candidate: Candidate) => boolean): CandidateSet {
    const { candidates } = this;
    return where(candidates.length, (index) => predicate((candidates[index] as Parsed).candidate));
  }

  /** The capabilities that some candidate provides. */
  provided(): ReadonlySet<string> {
    let provided: Set<string> | undefined;
    const { candidates } = this;
    // By index: an iterator for what is done for each candidate there is would be most of the work.
    for (let i = 0; i < candidates.length; i++) {
      const { provides } = (candidates[i] as Parsed).candidate;
      if (provides === undefined) continue;
      provided ??= new Set();
      for (const capability of Object.keys(provides)) provided.add(capability);
    }
    return provided ?? none;
  }

  /** The candidates that meet a request, as a component, or may do so. */
  meeting(request: Request, range: Range): CandidateSet {
    const key = requestKey(request);
    let set = this.#allowed.get(key);
    if (set === undefined) {
      const { candidates } = this;
      const { options } = request.requirement;
      set = where(candidates.length, (index) => {
        const { candidate, version } = candidates[index] as Parsed;
        if (version !== unknownVersion && !inRange(version, range)) return false;
        return options === undefined || meets(candidate, options);
      });
      this.#allowed.set(key, set);
    }
    return set;
  }

  /** What a candidate asks for under the closure's settings, by name. */
  requests(index: number): readonly Request[] {
    let requests = this.#requests[index];
    if (requests === undefined) {
      requests = requestsOf(this.candidate(index), this.settings);
      this.#requests[index] = requests;
    }
    return requests;
  }

  /** The candidates that ask for the very same thing. */
  asking(request: Request): CandidateSet {
    const key = requestKey(request);
    return this.where((candidate) => {
      const requirement = own(candidate.dependencies, request.name);
      return (
        requirement !== undefined &&
        requestKey({ name: request.name, requirement }) === key &&
        applies(requirement, candidate, this.settings)
      );
    });
  }
}
