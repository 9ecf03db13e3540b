import { CandidateIndex, enter } from './candidate-index.js';
import { type CandidateSet, nothing, only, setOf, weightOf, where } from './candidate-set.js';
import type { Listing } from './listing.js';
import type { Parsed } from './order.js';
import { meets, type Request, requestKey, requestsOf } from './request.js';
import type { Candidate, Scalar } from './universe.js';
import { inRange, type Range, unknownVersion } from './version.js';

/** For fewer candidates than this a look at each is quicker than an index. */
const fewCandidates = 32;

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
  /** By capability and what is asked of it. */
  #serving: Map<string, Map<string, CandidateSet>> | undefined;
  readonly #requests: (readonly Request[] | undefined)[] = [];
  /** Candidates by what they ask for. */
  #asking: Map<string, Map<string, number[]>> | undefined;
  #index: CandidateIndex | undefined;

  constructor(number: number, name: string, settings: Readonly<Record<string, Scalar>>) {
    this.number = number;
    this.name = name;
    this.settings = settings;
  }

  get candidates(): readonly Parsed[] {
    return this.listing?.candidates ?? [];
  }

  /** @throws Error where the component was not asked for yet. */
  get index(): CandidateIndex {
    if (this.listing === undefined) throw new Error(`nothing is known of ${this.name} yet`);
    this.#index ??= new CandidateIndex(this.candidates);
    return this.#index;
  }

  /** For how much work a look at a set of these counts. */
  get weight(): number {
    return weightOf(this.candidates.length);
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
      const { options } = request.requirement;
      set =
        this.candidates.length < fewCandidates ? this.#tried(range, options) : this.#found(range, options);
      this.#allowed.set(key, set);
    }
    return set;
  }

  /** The candidates that meet a request as providers of a capability, or may do so. */
  serving(capability: string, request: Request, range: Range): CandidateSet {
    this.#serving ??= new Map();
    let known = this.#serving.get(capability);
    if (known === undefined) {
      known = new Map();
      this.#serving.set(capability, known);
    }
    const key = requestKey(request);
    let set = known.get(key);
    if (set === undefined) {
      const { index } = this;
      set = (index.providingIn(capability, range) & index.having(request.requirement.options)) | index.unread;
      known.set(key, set);
    }
    return set;
  }

  /** The candidates that a conflict of another with this name and range is about. */
  refused(name: string, range: Range): CandidateSet {
    const byName = name === this.name ? this.index.inRange(range) : nothing;
    return byName | this.index.providingIn(name, range);
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
    this.#asking ??= this.#requestGroups();
    return setOf(this.#asking.get(request.name)?.get(requestKey(request)) ?? []);
  }

  #requestGroups(): Map<string, Map<string, number[]>> {
    const groups = new Map<string, Map<string, number[]>>();
    for (let i = 0; i < this.candidates.length; i++) {
      for (const request of this.requests(i)) enter(groups, request.name, requestKey(request), i);
    }
    return groups;
  }

  #tried(range: Range, options: Request['requirement']['options']): CandidateSet {
    const { candidates } = this;
    return where(candidates.length, (index) => {
      const { candidate, version } = candidates[index] as Parsed;
      if (version !== unknownVersion && !inRange(version, range)) return false;
      return options === undefined || meets(candidate, options);
    });
  }

  #found(range: Range, options: Request['requirement']['options']): CandidateSet {
    return (this.index.inRange(range) | this.index.unknown) & this.index.having(options);
  }
}
