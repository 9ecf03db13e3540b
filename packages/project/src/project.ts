import { stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { Bases } from 'bunny-libos-namespace';
import { codeOf, type Network, Store } from 'bunny-libos-oci';
import { lockFileName, readDocumentFile, readLockFile, readMergedLockFile } from 'bunny-libos-resolver';
import {
  BunnyError,
  type Bunnyfile,
  type Document,
  exitStatus,
  type Lock,
  largestSource,
  readBunnyfile,
} from 'bunny-libos-spec';
import { baseReferences, openSources } from './bases.js';
import type { ProjectObserver } from './observer.js';

/** Which project is meant, and by way of what it is read. */
export interface ProjectOptions {
  /** The Bunnyfile, or a directory that holds one; that of this directory where left out. */
  file?: string | undefined;
  /** Base references to read from in place of those of the Bunnyfile. */
  from?: readonly string[] | undefined;
  /** That of the command. */
  network: Network;
  /** Ends what is under way. */
  signal: AbortSignal;
  observer?: ProjectObserver | undefined;
}

type LockReader = (merged: boolean) => Promise<Lock | undefined>;

/** What of a project does not change with its Bunnyfile. */
interface Place {
  options: ProjectOptions;
  /** Of the Bunnyfile, as the user would write it. */
  file: string;
  /** Absolute. */
  directory: string;
  store: () => Promise<Store>;
}

/**
 * A Bunnyfile with what belongs to it, as it is at one moment: nothing of it changes, and no file of it is read twice.
 * What changes a project gives a new one. The store is opened when it is first asked for, and stays that of all
 * projects that come from this one.
 */
export class Project {
  readonly document: Document<Bunnyfile>;
  /** What the Bunnyfile holds. */
  readonly text: string;
  /** Those that the command line or the Bunnyfile names. */
  readonly bases: Bases;
  readonly #place: Place;
  readonly #lock: LockReader;

  private constructor(place: Place, text: string, lock: LockReader, bases?: Bases) {
    this.#place = place;
    this.#lock = lock;
    this.text = text;
    this.document = readBunnyfile(text, place.file, basename(place.directory));
    this.bases = bases ?? basesOf(this.document, place);
  }

  /**
   * Opens a Bunnyfile. Base references: `from`, else `registries` of the Bunnyfile, else BUNNY_REGISTRY. Throws
   * BUNNY_ENOBUNNYFILE and what reading it throws.
   */
  static async open(options: ProjectOptions): Promise<Project> {
    const { file, text } = await readProjectFile(options.file ?? 'Bunnyfile');
    const directory = resolve(dirname(file));
    if (!(await isDirectory(directory))) throw unreachable(directory);
    const store = once(() => Store.open());
    return new Project({ options, file, directory, store }, text, lockReader(file));
  }

  /** The Bunnyfile, as the user would write it. */
  get file(): string {
    return this.#place.file;
  }

  /** Of the Bunnyfile. Absolute. */
  get directory(): string {
    return this.#place.directory;
  }

  /** As the user would write it. */
  get lockFile(): string {
    return lockFileOf(this.file);
  }

  get framework(): string {
    return this.document.value.framework;
  }

  get network(): Network {
    return this.#place.options.network;
  }

  get signal(): AbortSignal {
    return this.#place.options.signal;
  }

  get observer(): ProjectObserver {
    return this.#place.options.observer ?? {};
  }

  /** The store of this machine, which is made where it is missing. Throws BUNNY_EACCESS, BUNNY_EIO. */
  store(): Promise<Store> {
    return this.#place.store();
  }

  /**
   * The lock beside the Bunnyfile; undefined where there is none. One with the conflict marks of a merge comes with both
   * sides joined where it may be `merged`. Throws what `readLockFile` throws.
   */
  lock({ merged }: { merged: boolean }): Promise<Lock | undefined> {
    return this.#lock(merged);
  }

  /**
   * The same project with another text as its Bunnyfile, which is not written: it names the same registries. Throws what
   * reading it throws.
   */
  withText(text: string): Project {
    return new Project(this.#place, text, this.#lock, this.bases);
  }

  /** The project as its files are by now. */
  async reread(): Promise<Project> {
    const { file, text } = await readProjectFile(this.file);
    return new Project(this.#place, text, lockReader(file));
  }
}

function basesOf(document: Document<Bunnyfile>, { options, directory }: Place): Bases {
  const { network, from, observer } = options;
  const references = baseReferences(from, document, directory);
  return openSources(references, directory, network, observer?.onWarning, observer?.transfers);
}

function lockReader(file: string): LockReader {
  const lockFile = lockFileOf(file);
  const plain = once(() => readLockFile(lockFile, { noLink: true }));
  const joined = once(() => readMergedLockFile(lockFile, { noLink: true }));
  return (merged) => (merged ? joined() : plain());
}

function lockFileOf(file: string): string {
  return join(dirname(file), lockFileName);
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

async function readProjectFile(path: string): Promise<{ file: string; text: string }> {
  const file = (await isDirectory(path)) ? join(path, 'Bunnyfile') : path;
  try {
    return { file, text: await readDocumentFile(file, largestSource) };
  } catch (error) {
    const code = codeOf((error as Error).cause);
    if (code !== 'ENOENT' && code !== 'ENOTDIR') throw error;
  }
  throw new BunnyError(
    'BUNNY_ENOBUNNYFILE',
    file === path ? `there is no ${path}` : `there is no Bunnyfile in ${path}`,
    {
      where: resolve(path),
      hint:
        path === '-'
          ? 'write it to a file: sources and bunny.lock stand beside a Bunnyfile'
          : 'name it with -f FILE, or make one with `bunny init --framework NAME`',
      exitStatus: exitStatus.usage,
    },
  );
}

/** The file was opened by a relative path, and the absolute one leads nowhere: what is not UTF-8 is lost in it. */
function unreachable(directory: string): BunnyError {
  return new BunnyError('BUNNY_EPATH', 'the path of this directory is not UTF-8', {
    where: directory,
    hint: 'rename the directory in it whose name is in another encoding',
    exitStatus: exitStatus.usage,
  });
}

async function isDirectory(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() ?? false;
}
