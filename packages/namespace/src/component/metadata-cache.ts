import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { codeOf, makeDirectory, Pool, type Store } from 'bunny-libos-oci';
import type { Deprecation } from './deprecation.js';
import type { Variant } from './variant.js';

/** What was last seen of a component's repository. Variants are immutable; the tags are a snapshot. */
export interface SeenRepository {
  tags: readonly string[];
  /** Variant tag -> variant. */
  variants: ReadonlyMap<string, Variant>;
  /** Tags of those variants whose own manifest was read, and agrees. */
  verified: ReadonlySet<string>;
  /** Signed statements about variants, by their tags. */
  statements: ReadonlyMap<string, string>;
  /** Why versions are deprecated, by version. */
  deprecations: ReadonlyMap<string, Deprecation>;
}

const format = 2;

/**
 * Remembers the metadata of repositories between runs, one file each. It is a cache: a file that is
 * missing, damaged or of another format counts as nothing seen, and what may not be written is not
 * remembered. The files are small and local: opening a hundred of them by way of the thread pool takes ten
 * times as long as reading them at once.
 */
export class MetadataCache {
  readonly #directory: string;
  /** Files that are written at a time: a request can name thousands of repositories. */
  readonly #writing = new Pool(8);

  /** The cache that belongs to a store. */
  static of(store: Store): MetadataCache {
    return new MetadataCache(join(store.directory, 'metadata'));
  }

  constructor(directory: string) {
    this.#directory = directory;
  }

  async read(repository: string): Promise<SeenRepository | undefined> {
    let text: string;
    try {
      text = readFileSync(this.#file(repository), 'utf8');
    } catch {
      return undefined;
    }
    const seen = seenIn(text);
    return seen?.repository === repository ? seen : undefined;
  }

  /**
   * A variant by the digest of its manifest, in whichever repository that was read: it is the same in all of them. Looks at
   * all that is remembered. Undefined where the manifest was never read.
   */
  async variantOf(manifest: string): Promise<Variant | undefined> {
    for (const name of await readdir(this.#directory).catch(() => [])) {
      if (!name.endsWith('.json')) continue;
      const text = await readFile(join(this.#directory, name), 'utf8').catch(() => '');
      if (!text.includes(manifest)) continue;
      const seen = seenIn(text);
      for (const [tag, variant] of seen?.variants ?? []) {
        if (seen?.verified.has(tag) && variant.manifest.digest === manifest) return variant;
      }
    }
    return undefined;
  }

  /** Names of the repositories of which something is remembered. */
  async repositories(): Promise<string[]> {
    const files = await readdir(this.#directory).catch(() => []);
    const names = await Promise.all(
      files
        .filter((file) => file.endsWith('.json'))
        .map(async (file) => {
          const text = await readFile(join(this.#directory, file), 'utf8').catch(() => '');
          // It comes first, and the rest may be long.
          const [, name = ''] = /^\{"format":\d+,"repository":("(?:[^"\\]|\\.)*")/.exec(text) ?? [];
          return name === '' ? [] : [JSON.parse(name) as string];
        }),
    );
    return names.flat();
  }

  /** Replaces what is remembered of a repository; readers see the old file or the new one. */
  write(repository: string, seen: SeenRepository): Promise<void> {
    return this.#writing.run(() => this.#write(repository, seen));
  }

  async #write(repository: string, seen: SeenRepository): Promise<void> {
    const file = this.#file(repository);
    const ingest = `${file}.${randomBytes(6).toString('hex')}`;
    try {
      makeDirectory(this.#directory);
      const { tags, variants, verified, statements, deprecations } = seen;
      const stored = {
        format,
        repository,
        tags,
        variants: [...variants],
        verified: [...verified],
        statements: statements.size === 0 ? undefined : [...statements],
        deprecations: deprecations.size === 0 ? undefined : [...deprecations],
      };
      await writeFile(ingest, JSON.stringify(stored));
      await rename(ingest, file);
    } catch (error) {
      await rm(ingest, { force: true }).catch(() => undefined);
      if (!isReadOnly(error)) throw error;
    }
  }

  /** Whether what a lock says of a target, in this text, was found to be as the manifests have it. */
  knowsTarget(text: string): boolean {
    return existsSync(this.#lockMark(text));
  }

  /** Remembers that what a lock says of a target, in this text, is as the manifests have it. */
  async rememberTarget(text: string): Promise<void> {
    const mark = this.#lockMark(text);
    try {
      makeDirectory(dirname(mark));
      await writeFile(mark, '');
    } catch (error) {
      if (!isReadOnly(error)) throw error;
    }
  }

  #file(repository: string): string {
    return join(this.#directory, `${hash(repository)}.json`);
  }

  #lockMark(text: string): string {
    return join(this.#directory, 'locks', hash(text));
  }
}

/** What a file of the cache says; undefined where it is damaged, or of another format. */
function seenIn(text: string): (SeenRepository & { repository: string }) | undefined {
  try {
    const stored = JSON.parse(text);
    if (stored.format !== format) return undefined;
    const { repository, tags, variants, verified, statements = [], deprecations = [] } = stored;
    return {
      repository,
      tags,
      variants: new Map(variants),
      verified: new Set(verified),
      statements: new Map(statements),
      deprecations: new Map(deprecations),
    };
  } catch {
    return undefined;
  }
}

/** Whether nothing may be written to the store: it is somebody else's, and read all the same. */
function isReadOnly(error: unknown): boolean {
  // The last where somebody removes the directory at the same time.
  return ['EACCES', 'EPERM', 'EROFS', 'ENOENT'].includes(codeOf(error) ?? '');
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
