import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { makeTemporary, removeTree, type Store } from 'bunny-libos-oci';
import { systemError } from 'bunny-libos-spec';
import { openProjectWork, WorkPlace } from 'bunny-libos-tooling';
import type { SizeReport } from '../image/size-report.js';

/** How long one build waits for another of the same target. Milliseconds. */
const longestWait = 15 * 60_000;

const outcomeFile = 'outcome.json';

/** What a build came to. */
export interface Outcome {
  /** The files that it wrote, by what they are: absolute paths. */
  files: Readonly<Record<string, string>>;
  report: SizeReport;
}

interface KeptOutcome extends Outcome {
  /** Names the build. */
  fingerprint: string;
  /** What the file system says of each of these files: none can be put in its place that looks the same. */
  statuses: readonly string[];
}

/** Where one target of a project is built: a `WorkPlace` that remembers what came of it. */
export class WorkDirectory extends WorkPlace {
  /** Of a directory that is removed afterwards. */
  readonly #temporary: string | undefined;

  private constructor(path: string, temporary?: string) {
    super(path);
    this.#temporary = temporary;
  }

  /**
   * Opens the place of a target, `<arch>-<platform>`, in a project's work; where the store may only be read, a
   * directory for this time.
   */
  static async open(store: Store, project: string, name: string): Promise<WorkDirectory> {
    try {
      return new WorkDirectory(join(openProjectWork(store, project), name));
    } catch (error) {
      if (systemError(error)?.code !== 'BUNNY_EACCESS') throw error;
      const temporary = await makeTemporary('bunny-work-');
      return new WorkDirectory(join(temporary, name), temporary);
    }
  }

  /** Runs `action` while no other process builds here. */
  alone<T>(action: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    return this.hold(action, { timeout: longestWait, signal });
  }

  async close(): Promise<void> {
    if (this.#temporary !== undefined) await removeTree(this.#temporary);
  }

  /** Remembers the outcome of the build that `fingerprint` names. */
  async remember(fingerprint: string, { files, report }: Outcome): Promise<void> {
    const statuses = await Promise.all(Object.values(files).map(statusOf));
    this.keep(outcomeFile, { fingerprint, files, statuses, report } satisfies KeptOutcome);
  }

  /** The outcome of that build, where its files have not been touched since. */
  async recall(fingerprint: string): Promise<Outcome | undefined> {
    const kept = this.kept<KeptOutcome>(outcomeFile);
    if (kept?.fingerprint !== fingerprint) return undefined;
    const { files, report } = kept;
    const now = await Promise.all(Object.values(files).map(statusOf)).catch(() => undefined);
    return now?.join('\n') === kept.statuses.join('\n') ? { files, report } : undefined;
  }
}

async function statusOf(path: string): Promise<string> {
  const { ino, mode, size, mtimeMs, ctimeMs } = await lstat(path);
  return JSON.stringify([path, ino, mode, size, mtimeMs, ctimeMs]);
}
