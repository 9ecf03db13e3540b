import {
  type Content,
  contentToVerify,
  type Descriptor,
  type OciError,
  type StandIn,
  type Target,
  type TransferOptions,
  type UnverifiedSource,
} from '@bunny/oci';
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

/**
 * The same repository in several places, seen as one target. Content is taken from the first place that
 * delivers it, as its digest tells that it is the same everywhere. Tags are asked of the first place, and of
 * the others only where it cannot be reached: a copy may be behind. Writing is for the first place alone.
 */
export class FailoverTarget implements StandIn, UnverifiedSource {
  readonly name: string;
  readonly #first: Place;
  readonly #places: readonly Place[];
  readonly #options: FailoverOptions;

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

  refuted(error: OciError): void {
    const next = this.#after(0);
    if (next !== undefined) this.#options.health.passedOver(this.#first.base, error, next);
  }

  /** A place that breaks off half-way is not made up for here: its bytes are out already. */
  async *#content(
    open: (target: Target, options: TransferOptions | undefined) => AsyncIterable<Uint8Array>,
    descriptor: Descriptor,
    options: TransferOptions | undefined,
  ): AsyncGenerator<Uint8Array, void> {
    for (const [index, place] of this.#places.entries()) {
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
    const isEnough = (found: unknown) => found !== undefined || !reference.includes(':');
    return this.#reachable(options, (target, each) => target.fetchManifest(reference, each), isEnough);
  }

  resolve(reference: string, options?: TransferOptions): Promise<Descriptor | undefined> {
    const isEnough = (found: unknown) => found !== undefined || !reference.includes(':');
    return this.#reachable(options, (target, each) => target.resolve(reference, each), isEnough);
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
      (referrers) => referrers !== undefined,
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

  /** Asks the places in order until one answers, with enough where that is asked for. */
  async #reachable<T>(
    options: TransferOptions | undefined,
    ask: (target: Target, options: TransferOptions | undefined) => Promise<T>,
    isEnough: (answer: T) => boolean = () => true,
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
        if (!isUnreachable(error)) throw error;
        if (next !== undefined) this.#options.health.passedOver(place.base, error, next);
        fault ??= error;
      }
    }
    if (first !== undefined) return first.answer;
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
