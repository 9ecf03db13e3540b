import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Store } from 'bunny-libos-oci';
import { replaceRemembered } from './remembered-file.js';

/** What was seen of a repository, and where that is written. */
export interface SeenTags {
  tags: ReadonlySet<string>;
  file: string;
}

/**
 * The tags that a repository was ever seen with on this machine: of versions, variants, statements and withdrawals, none of
 * which is ever taken away by Bunny. A registry that shows less has lost something, or hides it.
 */
export class SeenTagsMemory {
  readonly #directory: string;

  static of(store: Store): SeenTagsMemory {
    return new SeenTagsMemory(join(store.directory, 'trust', 'seen'));
  }

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** Nothing where nothing was seen, or what is written cannot be read. */
  async read(repository: string): Promise<SeenTags> {
    const file = join(this.#directory, `${createHash('sha256').update(repository).digest('hex')}.json`);
    try {
      const stored = JSON.parse(await readFile(file, 'utf8')) as { repository: string; tags: string[] };
      return { tags: new Set(stored.repository === repository ? stored.tags : []), file };
    } catch {
      return { tags: new Set(), file };
    }
  }

  /** Adds to what was seen. Where the store may only be read nothing is remembered. */
  async add(repository: string, { tags, file }: SeenTags, now: Iterable<string>): Promise<void> {
    const all = new Set([...tags, ...now]);
    if (all.size === tags.size) return;
    await replaceRemembered(file, JSON.stringify({ repository, tags: [...all].sort() }));
  }
}
