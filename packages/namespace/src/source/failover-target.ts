import {
  type Content,
  contentToVerify,
  type Descriptor,
  type OciError,
  type StandIn,
  type Target,
  type TransferOptions,
  type UnverifiedSource,
} from 'bunny-libos-oci';
import { isFaultOfSource, isUnreachable, type SourceHealth } from './source-health.js';
import type { TransferObserver } from './transfer-observer.js';

/** One repository under one base reference. */
export interface Place {
  base: string;
  target: Target;
}

export interface FailoverOptions {
  health: SourceHealth;
  /** A base that the caller goes on with where this target fails. */
  next?: string | undefined;
  observer?: TransferObserver | undefined;
}

/** When an answer will do, and which failures let the next place be asked. */
interface Asking<T> {
  isEnough(answer: T): boolean;
  isPassedOver(error: unknown): error is OciError;
}

/** What a digest names is the same everywhere; a tag is for the first place that can be reached to tell. */
function askingFor<T>(reference: string): Asking<T | undefined> {
  if (!reference.includes(':')) return { isEnough: () => true, isPassedOver: isUnreachable };
  return { isEnough: (found) => found !== undefined, isPassedOver: isFaultOfSource };
}

/**
 * The same repository in several places, seen as one target. What a digest names is taken from the first place
 * that delivers it, as it is the same everywhere. Tags are asked of the first place, and of
 * the others only where it cannot be reached: a copy may be behind. Writing is for the first place alone.
 */
export class FailoverTarget implements StandIn, UnverifiedSource {
  readonly name: string;
  readonly #first: Place;
  readonly #places: readonly Place[];
  readonly #options: FailoverOptions;
  /** The place to begin at with content that has broken off half-way: digest -> index. */
  readonly #later = new Map<string, number>();

  constructor(first: Place, others: readonly Place[], options: FailoverOptions) {
    this.name = first.target.name;
    this.#first = first;
    this.#places = [first, ...others];
    this.#options = options;
  }

  get mountSource(): Target {
    return this.#first.target;
  }

  fetch(descriptor: Descriptor, options?: TransferOptions): AsyncGenerator<Uint8Array, void> {
    return this.#content((target, each) => target.fetch(descriptor, each), descriptor, options);
  }

  /** Several places are verified all the same: one that lies about something short is passed over here. */
  fetchUnverified(descriptor: Descriptor, options?: TransferOptions): AsyncGenerator<Uint8Array, void> {
    if (this.#places.length > 1) return this.fetch(descriptor, options);
    return this.#content((target, each) => contentToVerify(target, descriptor, each), descriptor, options);
  }

  hasAnother({ digest }: Descriptor): boolean {
    return this.#later.has(digest);
  }

  refuted(error: OciError): void {
    const next = this.#after(0);
    if (next !== undefined) this.#options.health.passedOver(this.#first.base, error, next);
  }

  /**
   * A place that breaks off half-way is not made up for here, as its bytes are out already: whoever fetches the
   * content once more gets it from the next one.
   */
  async *#content(
    open: (target: Target, options: TransferOptions | undefined) => AsyncIterable<Uint8Array>,
    descriptor: Descriptor,
    options: TransferOptions | undefined,
  ): AsyncGenerator<Uint8Array, void> {
    const { digest } = descriptor;
    const start = this.#later.get(digest) ?? 0;
    this.#later.delete(digest);
    for (const [index, place] of this.#places.entries()) {
      if (index < start) continue;
      const next = this.#after(index);
      const transfer = this.#options.observer?.begin(descriptor, place.target.name);
      let begun = false;
      try {
        if (next !== undefined) this.#options.health.requireReachable(place.base);
        for await (const chunk of open(place.target, this.#transfer(index, options))) {
          begun = true;
          transfer?.moved(chunk.length);
          yield chunk;
        }
        return;
      } catch (error) {
        const isLast = index === this.#places.length - 1;
        if (next !== undefined && isFaultOfSource(error)) {
          this.#options.health.passedOver(place.base, error, next);
          if (!begun && !isLast) continue;
          if (!isLast) this.#later.set(digest, index + 1);
        }
        throw error;
      } finally {
        transfer?.end();
      }
    }
  }

  fetchManifest(
    reference: string,
    options?: TransferOptions,
  ): Promise<{ descriptor: Descriptor; bytes: Uint8Array } | undefined> {
    return this.#reachable(
      options,
      (target, each) => target.fetchManifest(reference, each),
      askingFor(reference),
    );
  }

  resolve(reference: string, options?: TransferOptions): Promise<Descriptor | undefined> {
    return this.#reachable(options, (target, each) => target.resolve(reference, each), askingFor(reference));
  }

  tags(options?: TransferOptions): Promise<string[]> {
    return this.#reachable(options, (target, each) => target.tags(each));
  }

  /** Asked of the first place that has the subject. */
  async referrers(
    descriptor: Descriptor,
    artifactType?: string,
    options?: TransferOptions,
  ): Promise<Descriptor[]> {
    const found = await this.#reachable(
      options,
      async (target, each) => {
        const referrers = await target.referrers(descriptor, artifactType, each);
        return referrers.length > 0 || (await target.exists(descriptor, each)) ? referrers : undefined;
      },
      { isEnough: (referrers) => referrers !== undefined, isPassedOver: isUnreachable },
    );
    return found ?? [];
  }

  exists(descriptor: Descriptor, options?: TransferOptions): Promise<boolean> {
    return this.#first.target.exists(descriptor, options);
  }

  push(descriptor: Descriptor, content: Content, options?: TransferOptions): Promise<void> {
    return this.#first.target.push(descriptor, content, options);
  }

  tag(descriptor: Descriptor, tag: string, options?: TransferOptions): Promise<void> {
    return this.#first.target.tag(descriptor, tag, options);
  }

  delete(reference: string, options?: TransferOptions): Promise<void> {
    return this.#first.target.delete(reference, options);
  }

  /** Asks the places in order until one answers. */
  async #reachable<T>(
    options: TransferOptions | undefined,
    ask: (target: Target, options: TransferOptions | undefined) => Promise<T>,
    { isEnough, isPassedOver }: Asking<T> = { isEnough: () => true, isPassedOver: isUnreachable },
  ): Promise<T> {
    let first: { answer: T } | undefined;
    let fault: unknown;
    for (const [index, place] of this.#places.entries()) {
      const next = this.#after(index);
      try {
        if (next !== undefined) this.#options.health.requireReachable(place.base);
        const answer = await ask(place.target, this.#transfer(index, options));
        if (isEnough(answer)) return answer;
        first ??= { answer };
      } catch (error) {
        if (!isPassedOver(error)) throw error;
        if (next !== undefined) this.#options.health.passedOver(place.base, error, next);
        fault ??= error;
      }
    }
    // Where one has refused, nobody knows that there is none.
    if (first !== undefined && (fault === undefined || isUnreachable(fault))) return first.answer;
    throw fault;
  }

  /** Where another place can be asked, one that is down is not waited for. */
  #transfer(index: number, options: TransferOptions | undefined): TransferOptions | undefined {
    return this.#after(index) === undefined ? options : { ...options, connectOnce: true };
  }

  #after(index: number): string | undefined {
    return this.#places[index + 1]?.base ?? this.#options.next;
  }
}
