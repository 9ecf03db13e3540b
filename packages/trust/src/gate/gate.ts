import { createHash } from 'node:crypto';
import { pinnedConfig } from 'bunny-libos-namespace';
import { type Descriptor, manifestType, OnceMap, type Store, type Target } from 'bunny-libos-oci';
import { type BunnyError, canonicalJson, formatPosition } from 'bunny-libos-spec';
import { gatherSignatures } from '../finding/gather.js';
import { certify, certifyAll } from '../keyless/certify.js';
import {
  evaluate,
  needsAttestations,
  needsSignatures,
  rootsFor,
  rulesFor,
  type Verdict,
} from '../policy/evaluate.js';
import { needsLicence, withLicence } from '../policy/licences.js';
import type { OpenPolicy, OpenRule } from '../policy/open-policy.js';
import { refusedByPolicy } from '../policy/refusal.js';
import { foundIn, readPublications } from '../publication/statement.js';
import type { Subject } from '../signatures/claims.js';
import type { Found } from '../signatures/found-signature.js';
import { SeenTagsMemory } from './seen-tags.js';
import { isLasting, type Listing, lostTags, rolledBack, shortfallText, withheldTags } from './shortfall.js';
import { SignatureMemory } from './signature-memory.js';

/** Something that is to be used: a variant of a component, or a tooling layer. */
export interface Candidate {
  /** `libc 1.2.0` */
  label: string;
  subject: Subject;
  /** Of the manifest, in bytes. */
  size: number;
  /** Of a component: the version that its statements are about. */
  version?: string | undefined;
  /** Statements about its version, where they are known: texts. */
  statements?: Iterable<string> | undefined;
  /** Where signatures are looked for, in order; nowhere for who is offline. */
  sources: () => readonly Target[];
}

export interface GateOptions {
  store: Store;
  /** Is told what a policy lets pass with a warning. */
  onWarning?: ((text: string) => void) | undefined;
  signal?: AbortSignal | undefined;
}

/**
 * What lets pass what the policies allow, and nothing else. It judges each manifest once; signatures that come along or
 * that the store remembers are looked at before a registry is asked for more.
 */
export class Gate {
  readonly #policies: readonly OpenPolicy[];
  readonly #memory: SignatureMemory;
  readonly #seen: SeenTagsMemory;
  /** Warnings that were given. */
  readonly #told = new Set<string>();
  readonly #options: GateOptions;
  readonly #verdicts = new OnceMap<string, BunnyError | undefined>();
  readonly #statements = new Map<string, ReturnType<typeof readPublications>>();
  #hasWarned = false;

  constructor(policies: readonly OpenPolicy[], options: GateOptions) {
    this.#policies = policies;
    this.#options = options;
    this.#memory = SignatureMemory.of(options.store);
    this.#seen = SeenTagsMemory.of(options.store);
  }

  /** Names the policies as they are: what was allowed by others is judged anew. */
  get fingerprint(): string {
    const texts = this.#policies.map(({ text }) => text);
    // What has an age is judged by the clock, once an hour.
    if (this.#policies.some(isTimed)) texts.push(new Date().toISOString().slice(0, 13));
    return createHash('sha256').update(canonicalJson(texts)).digest('hex');
  }

  /** Whether something passed that a policy warns of: that is to be said each time. */
  get hasWarned(): boolean {
    return this.#hasWarned;
  }

  /** Undefined where it may be used, else why not: BUNNY_EPOLICY. Throws what the sources throw where they are asked. */
  judge(candidate: Candidate): Promise<BunnyError | undefined> {
    const { repository, digest } = candidate.subject;
    return this.#verdicts.get(`${repository}@${digest}`, () => this.#judge(candidate));
  }

  /**
   * Compares what a repository lists with all that it was ever seen to list, and with what statements say of a version: a
   * variant that one names and that is not there is withheld. Where a policy asks for signers of the repository that is
   * warned of, once; where it refuses that, it throws BUNNY_EROLLBACK.
   */
  async compare(listing: Listing, statements: Iterable<string> = []): Promise<void> {
    const rules = rulesFor(this.#policies, listing.repository).filter(({ signers }) => signers !== undefined);
    if (rules.length === 0) return;
    const { repository, tags } = listing;
    const seen = await this.#seen.read(repository);
    const { publications: read, rotations } = readPublications(statements);
    const publications = await certifyAll(read, rootsFor(this.#policies, repository));
    this.#report(listing, 'does not list any more', lostTags(listing, seen.tags), rules, seen.file);
    const withheld = withheldTags(listing, publications, rotations, rules);
    this.#report(listing, 'withholds what is stated', withheld, rules, seen.file);
    await this.#seen.add(repository, seen, tags.filter(isLasting));
  }

  #report({ repository }: Listing, what: string, missing: string[], rules: OpenRule[], file: string): void {
    if (missing.length === 0) return;
    const text = shortfallText(repository, what, missing);
    const refusing = rules.find(({ rollback }) => rollback === 'refuse');
    if (refusing !== undefined) throw rolledBack(text, refusing, file);
    this.#hasWarned = true;
    if (this.#told.has(text)) return;
    this.#told.add(text);
    this.#options.onWarning?.(text);
  }

  async #judge(candidate: Candidate): Promise<BunnyError | undefined> {
    const { label, subject } = candidate;
    const verdict = await this.#licensed(candidate, await this.#verdict(candidate));
    for (const { outcome, reasons, where } of verdict.opinions) {
      if (outcome !== 'warned') continue;
      this.#hasWarned = true;
      this.#options.onWarning?.(`${label}: ${reasons[0] ?? formatPosition(where)}`);
    }
    return verdict.allowed ? undefined : refusedByPolicy(label, subject, verdict);
  }

  /** The licence is that of the manifest itself, which is what is locked: no index is asked. Tooling is in no image. */
  async #licensed({ label, subject, size, version, sources }: Candidate, verdict: Verdict): Promise<Verdict> {
    const isAsked = version !== undefined && needsLicence(this.#policies, subject.repository);
    if (!isAsked || !verdict.allowed) return verdict;
    const { store, signal } = this.#options;
    const pinned = { name: label, digest: subject.digest, size };
    const { license } = await pinnedConfig(store, pinned, sources(), { signal });
    return withLicence(this.#policies, subject, verdict, license);
  }

  async #verdict({ subject, size, version, statements = [], sources }: Candidate): Promise<Verdict> {
    const nothing: Found = { signatures: [], unusable: [] };
    const verdictOf = (found: Found) => evaluate(this.#policies, subject, found);
    // A warning lets pass what it is about, and is not to be given for signatures that nobody has looked for.
    const isEnough = (found: Found) => verdictOf(found).opinions.every(isSettled);
    if (!needsSignatures(this.#policies, subject.repository)) return verdictOf(nothing);
    const roots = rootsFor(this.#policies, subject.repository);
    const certified = (found: Found) => certify(found, roots);
    const stated = await certified(this.#stated(statements, subject.digest));
    if (isEnough(stated)) {
      await this.#memory.write(subject.digest, stated);
      return verdictOf(stated);
    }
    const remembered = await certified(await this.#memory.read(subject.digest));
    if (isEnough(remembered)) return verdictOf(remembered);
    const descriptor: Descriptor = { mediaType: manifestType, digest: subject.digest, size };
    const { signal } = this.#options;
    const attestations = needsAttestations(this.#policies, subject.repository);
    const found = await gatherSignatures(sources(), descriptor, isEnough, {
      signal,
      version,
      attestations,
      roots,
    });
    if (isEnough(found)) await this.#memory.write(subject.digest, found);
    return verdictOf(found);
  }

  #stated(texts: Iterable<string>, digest: string): Found {
    const found = { signatures: [], unusable: [], rotations: [] } as Required<Omit<Found, 'attestations'>>;
    for (const text of texts) {
      const read = this.#statements.get(text) ?? readPublications([text]);
      this.#statements.set(text, read);
      const { signatures, unusable, rotations = [] } = foundIn(read, digest);
      for (const each of signatures) found.signatures.push(each);
      for (const each of unusable) found.unusable.push(each);
      for (const each of rotations) found.rotations.push(each);
    }
    return found;
  }
}

function isTimed({ rules }: OpenPolicy): boolean {
  return rules.some(({ maxAge, minAge }) => maxAge !== undefined || minAge !== undefined);
}

function isSettled({ outcome }: Verdict['opinions'][number]): boolean {
  return outcome === 'signed' || outcome === 'unsigned';
}
