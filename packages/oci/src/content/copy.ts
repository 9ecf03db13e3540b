import { contentToVerify, readBytes } from './content.js';
import { type Descriptor, type Index, isForeign, type Manifest } from './descriptor.js';
import { OciError, relocated, throwIfAborted } from './errors.js';
import { isIndex, isManifestType, parseManifest } from './manifest-validation.js';
import { Pool } from './pool.js';
import { losesNothing, signatureTags } from './signature-tags.js';
import type { Target, TransferOptions } from './target.js';

export interface CopyOptions extends TransferOptions {
  /** Transfers at the same time; 6 unless said. */
  concurrency?: number | undefined;
  /**
   * Also copies what refers to the manifests: signatures, SBOMs, attestations, and what refers to those; also what older
   * versions of cosign attach by tags (`sha256-….sig`).
   */
  referrers?: boolean | undefined;
  /** Called with a line for the user for each referrer that is passed over. */
  onNotice?: ((text: string) => void) | undefined;
  /** Tags to give the copy; the reference itself where it is a tag, unless said. */
  tags?: readonly string[] | undefined;
  /** Called when a blob or manifest has arrived; `copied` is false where the destination had it. */
  onContent?: ((descriptor: Descriptor, copied: boolean) => void) | undefined;
}

/** A target that can take a blob from another repository of the same registry without moving it. */
export interface MountingTarget extends Target {
  /** Returns false where the blob has to be pushed after all. */
  mount(descriptor: Descriptor, from: Target, options?: TransferOptions): Promise<boolean>;
}

/** A target that stands before others, which have the same content. */
export interface StandIn extends Target {
  /** The one that blobs are to be mounted from. */
  readonly mountSource: Target;
  /** Whether content whose stream broke off, as it was wrong or the connection failed, comes from another one when it is fetched again. */
  hasAnother(descriptor: Descriptor): boolean;
}

function isStandIn(target: Target): target is StandIn {
  return 'mountSource' in target;
}

function canMount(target: Target): target is MountingTarget {
  return 'mount' in target && typeof target.mount === 'function';
}

/**
 * Copies a manifest, or an index with all it lists, from one target to another: children before
 * parents, so that an interrupted copy leaves nothing that points to what is missing. What the
 * destination holds is skipped. Returns the descriptor of the copied root. Digests are kept.
 * Throws BUNNY_ENOTFOUND, BUNNY_EMANIFEST, and what the targets throw.
 */
export async function copy(
  from: Target,
  to: Target,
  reference: string,
  options: CopyOptions = {},
): Promise<Descriptor> {
  const found = await from.fetchManifest(reference, options);
  if (found === undefined) {
    throw new OciError('BUNNY_ENOTFOUND', `there is no ${reference}`, {
      where: from.name,
      hint: 'check the reference: it may have been deleted, or be in another registry or layout',
    });
  }
  await new Copy(from, to, options).run(found.descriptor, found.bytes);
  const tags = options.tags ?? (reference === found.descriptor.digest ? [] : [reference]);
  for (const tag of tags) await to.tag(found.descriptor, tag, options);
  return found.descriptor;
}

class Copy {
  readonly #from: Target;
  readonly #to: Target;
  readonly #options: CopyOptions;
  readonly #pool: Pool;
  /** Everything that is copied or on its way, by digest. */
  readonly #seen = new Map<string, Promise<void>>();
  /** The manifests among it, in the order in which they were copied. */
  readonly #manifests: Descriptor[] = [];

  constructor(from: Target, to: Target, options: CopyOptions) {
    this.#from = from;
    this.#to = to;
    this.#options = options;
    this.#pool = new Pool(options.concurrency ?? 6);
  }

  /** Copies a manifest with all below it, then what refers to any of that. */
  async run(root: Descriptor, bytes: Uint8Array): Promise<void> {
    await this.#manifest(root, bytes);
    if (!this.#options.referrers) return;
    const tagsOf = signatureTags(this.#from, this.#options);
    // Not while their subjects are copied: an index may list its own subject, and each would wait for the other.
    for (let followed = 0; followed < this.#manifests.length; ) {
      const subjects = this.#manifests.slice(followed);
      followed = this.#manifests.length;
      const referrers = await settle(subjects.map((each) => this.#pool.run(() => this.#referrers(each))));
      await settle(referrers.flat().map((each) => this.#referrer(each)));
      const tags = await settle(subjects.map((each) => this.#pool.run(() => tagsOf(each))));
      await settle(tags.flat().map((tag) => this.#attached(tag)));
    }
  }

  /**
   * Does something with what is attached to a manifest. Anybody who may push attaches to what is there, so what is not
   * well formed does not end the copy.
   */
  async #tolerating(what: string, action: () => Promise<void>): Promise<void> {
    try {
      await action();
    } catch (error) {
      if (!(error instanceof OciError) || error.code !== 'BUNNY_EMANIFEST') throw error;
      this.#options.onNotice?.(`${what} is not copied: it is attached to what is, and ${error.message}`);
    }
  }

  #referrer(descriptor: Descriptor): Promise<void> {
    return this.#tolerating(`${this.#from.name}@${descriptor.digest}`, () => this.#manifest(descriptor));
  }

  /** Copies what a tag attaches to a manifest that is copied. */
  #attached(tag: string): Promise<void> {
    return this.#tolerating(`${this.#from.name}:${tag}`, async () => {
      const found = await this.#pool.run(() => this.#from.fetchManifest(tag, this.#options));
      if (found === undefined) return;
      const { descriptor, bytes } = found;
      if (await this.#pool.run(() => losesNothing(this.#to, tag, bytes, this.#options))) {
        await this.#manifest(descriptor, bytes);
        await this.#pool.run(() => this.#to.tag(descriptor, tag, this.#options));
      } else {
        this.#options.onNotice?.(
          `${this.#to.name}:${tag} is left as it is: it holds signatures that ${this.#from.name} lacks`,
        );
      }
    });
  }

  #referrers(subject: Descriptor): Promise<Descriptor[]> {
    return this.#from.referrers(subject, undefined, this.#options);
  }

  #once(descriptor: Descriptor, action: () => Promise<void>): Promise<void> {
    const known = this.#seen.get(descriptor.digest);
    if (known !== undefined) return known;
    const run = action();
    this.#seen.set(descriptor.digest, run);
    return run;
  }

  #manifest(descriptor: Descriptor, bytes?: Uint8Array): Promise<void> {
    return this.#once(descriptor, () => this.#moveManifest(descriptor, bytes));
  }

  async #moveManifest(descriptor: Descriptor, given: Uint8Array | undefined): Promise<void> {
    throwIfAborted(this.#options.signal);
    const bytes = given ?? (await this.#pool.run(() => this.#read(descriptor)));
    const document = parseManifest(bytes, descriptor.mediaType, `${this.#from.name}@${descriptor.digest}`);
    // A manifest that is there has all it needs: registries take none whose parts are missing.
    const held = await this.#pool.run(() => this.#to.exists(descriptor, this.#options));
    if (!held || this.#options.referrers) await this.#parts(document, held);
    if (!held) await this.#pool.run(() => this.#to.push(descriptor, bytes, this.#options));
    this.#manifests.push(descriptor);
    this.#options.onContent?.(descriptor, !held);
  }

  async #parts(document: Manifest | Index, held: boolean): Promise<void> {
    if (isIndex(document)) {
      await settle(document.manifests.filter(isManifest).map((each) => this.#manifest(each)));
      if (!held)
        await settle(document.manifests.filter((each) => !isManifest(each)).map((each) => this.#blob(each)));
    } else if (!held) {
      await settle([document.config, ...document.layers].map((each) => this.#blob(each)));
    }
  }

  #blob(descriptor: Descriptor): Promise<void> {
    return this.#once(descriptor, () => this.#pool.run(() => this.#moveBlob(descriptor)));
  }

  async #moveBlob(descriptor: Descriptor): Promise<void> {
    throwIfAborted(this.#options.signal);
    if (await this.#isElsewhere(descriptor)) return;
    if (await this.#to.exists(descriptor, this.#options)) {
      this.#options.onContent?.(descriptor, false);
      return;
    }
    const mountSource = isStandIn(this.#from) ? this.#from.mountSource : this.#from;
    if (canMount(this.#to) && (await this.#to.mount(descriptor, mountSource, this.#options))) {
      this.#options.onContent?.(descriptor, true);
      return;
    }
    const { onBytes: _, ...quiet } = this.#options;
    const open = () => contentToVerify(this.#from, descriptor, quiet);
    try {
      await this.#reading(descriptor, open, (content) => this.#to.push(descriptor, content, this.#options));
    } catch (error) {
      throw this.#blamed(error, descriptor);
    }
    this.#options.onContent?.(descriptor, true);
  }

  /** Whether content stays where its `urls` lead: it may not be distributed, or the source does not have it either. */
  async #isElsewhere(descriptor: Descriptor): Promise<boolean> {
    if (isForeign(descriptor)) return true;
    return (descriptor.urls?.length ?? 0) > 0 && !(await this.#from.exists(descriptor, this.#options));
  }

  #read(descriptor: Descriptor): Promise<Uint8Array> {
    const open = () => this.#from.fetch(descriptor, this.#options);
    return this.#reading(descriptor, open, (fetch) =>
      readBytes({ fetch }, descriptor, undefined, this.#options),
    );
  }

  /** Does something with content of the source; once more where that broke off and comes from elsewhere then. */
  async #reading<T>(
    descriptor: Descriptor,
    open: () => AsyncIterable<Uint8Array>,
    action: (content: () => AsyncIterable<Uint8Array>) => Promise<T>,
  ): Promise<T> {
    const source = this.#from;
    if (!isStandIn(source)) return await action(open);
    for (;;) {
      let brokeOff = false;
      const content = async function* () {
        try {
          yield* open();
        } catch (error) {
          brokeOff = true;
          throw error;
        }
      };
      try {
        return await action(content);
      } catch (error) {
        throwIfAborted(this.#options.signal);
        if (!brokeOff || !source.hasAnother(descriptor)) throw error;
      }
    }
  }

  /** What the destination finds wrong with content came from the source. */
  #blamed(error: unknown, { digest }: Descriptor): unknown {
    const isWrong =
      error instanceof OciError && (error.code === 'BUNNY_EDIGEST' || error.code === 'BUNNY_ESIZE');
    return isWrong && error.where === digest ? relocated(error, `${this.#from.name}@${digest}`) : error;
  }
}

function isManifest(descriptor: Descriptor): boolean {
  return isManifestType(descriptor.mediaType);
}

/** Waits for all, then throws the first failure: nothing goes on behind the caller's back. */
async function settle<T>(all: readonly Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(all);
  return await Promise.all(all);
}
