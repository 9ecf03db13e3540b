import { stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { Bases } from 'bunny-libos-namespace';
import { codeOf, type Network, Store } from 'bunny-libos-oci';
import {
  lockFileName,
  lockFor,
  readDocumentFile,
  readLockFile,
  readMergedLockFile,
} from 'bunny-libos-resolver';
import {
  BunnyError,
  type Bunnyfile,
  type Document,
  exitStatus,
  type Lock,
  largestSource,
  perFramework,
  readBunnyfile,
  suggestion,
} from 'bunny-libos-spec';
import type { OpenPolicy } from 'bunny-libos-trust';
import { baseReferences, openSources } from './bases.js';
import { foundBunnyfile } from './found-bunnyfile.js';
import type { ProjectObserver } from './observer.js';
import { policiesOf } from './policies.js';

/** Which project is meant, and by way of what it is read. */
export interface ProjectOptions {
  /** The Bunnyfile, or a directory that holds one; where left out, the nearest one from here upward. */
  file?: string | undefined;
  /** Of several frameworks, those that are meant; all where left out. */
  frameworks?: readonly string[] | undefined;
  /** Base references to read from in place of those of the Bunnyfile. */
  from?: readonly string[] | undefined;
  /** That of the command. */
  network: Network;
  /** Ends what is under way. */
  signal: AbortSignal;
  observer?: ProjectObserver | undefined;
}

/** What stands beside a Bunnyfile, read when it is first asked for, once. */
interface Beside {
  lock(merged: boolean): Promise<readonly Lock[] | undefined>;
  policies(): Promise<readonly OpenPolicy[]>;
}

/** What of a project does not change with its Bunnyfile. */
interface Place {
  options: ProjectOptions;
  /** Of the Bunnyfile, as the user would write it. */
  file: string;
  /** Absolute. */
  directory: string;
  store: () => Promise<Store>;
}

/** What the parts of a project have in common: one for each of its frameworks. */
interface Family {
  /** Those that are asked for, in the order of the Bunnyfile. */
  parts: readonly Project[];
  /** All frameworks of the Bunnyfile. */
  frameworks: readonly string[];
  text: string;
  beside: Beside;
}

/**
 * A Bunnyfile, as it is for one framework, with what belongs to it: of several frameworks the usual one, which leads to
 * the others. It is as it is at one moment: nothing of it changes, and no file of it is read twice.
 * What changes a project gives a new one. The store is opened when it is first asked for, and stays that of all
 * projects that come from this one.
 */
export class Project {
  readonly document: Document<Bunnyfile>;
  /** Those that the command line or the Bunnyfile names. */
  readonly bases: Bases;
  readonly #place: Place;
  readonly #family: Family;

  private constructor(place: Place, family: Family, document: Document<Bunnyfile>, bases?: Bases) {
    this.#place = place;
    this.#family = family;
    this.document = document;
    this.bases = bases ?? basesOf(document, place);
  }

  /** The project of a text. `former` has its registries. */
  static #read(place: Place, text: string, beside: Beside, former: readonly Project[] = []): Project {
    const whole = readBunnyfile(text, place.file, basename(place.directory));
    const documents = perFramework(whole);
    const parts: Project[] = [];
    const frameworks = documents.map(({ value }) => value.framework);
    const family = { parts, frameworks, text, beside };
    for (const document of askedFor(documents, place)) {
      const same = former.find(({ framework }) => framework === document.value.framework);
      parts.push(new Project(place, family, document, same?.bases));
    }
    const usual = parts.find(({ framework }) => framework === whole.value.framework) ?? parts[0];
    if (usual === undefined) throw new Error('a Bunnyfile has a framework');
    return usual;
  }

  /**
   * Opens a Bunnyfile. Base references: `from`, else `registries` of the Bunnyfile, else BUNNY_REGISTRY. Throws
   * BUNNY_ENOBUNNYFILE, BUNNY_ETARGET where it has no such framework, and what reading it throws.
   */
  static async open(options: ProjectOptions): Promise<Project> {
    const { file, text } = await readProjectFile(options.file);
    const directory = resolve(dirname(file));
    if (!(await isDirectory(directory))) throw unreachable(directory);
    const store = once(() => Store.open());
    return Project.#read({ options, file, directory, store }, text, filesBeside(file));
  }

  /** What the Bunnyfile holds. */
  get text(): string {
    return this.#family.text;
  }

  /** The same project for each framework that is asked for, in the order of the Bunnyfile. */
  get parts(): readonly Project[] {
    return this.#family.parts;
  }

  /** All frameworks of the Bunnyfile, whichever are asked for. */
  get frameworks(): readonly string[] {
    return this.#family.frameworks;
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
   * What the lock beside the Bunnyfile pins for this framework; undefined where it pins nothing. One with the conflict
   * marks of a merge comes with both sides joined where it may be `merged`. Throws what `readLockFile` throws.
   */
  async lock(how: { merged: boolean }): Promise<Lock | undefined> {
    return lockFor(await this.locks(how), this.document.value, this.frameworks);
  }

  /** The same for all frameworks. */
  async locks({ merged }: { merged: boolean }): Promise<readonly Lock[]> {
    return (await this.#family.beside.lock(merged)) ?? [];
  }

  /** The policies that hold for it. Throws what `policiesOf` throws. */
  policies(): Promise<readonly OpenPolicy[]> {
    return this.#family.beside.policies();
  }

  /**
   * The same project with another text as its Bunnyfile, which is not written: it names the same registries. Throws what
   * reading it throws.
   */
  withText(text: string): Project {
    return this.#among(Project.#read(this.#place, text, this.#family.beside, this.parts));
  }

  /** The project as its files are by now. */
  async reread(): Promise<Project> {
    const { file, text } = await readProjectFile(this.file);
    return this.#among(Project.#read(this.#place, text, filesBeside(file)));
  }

  /** The part of another state of the project that is for this framework. */
  #among(other: Project): Project {
    return other.parts.find(({ framework }) => framework === this.framework) ?? other;
  }
}

/** Throws BUNNY_ETARGET. */
function askedFor(
  documents: readonly Document<Bunnyfile>[],
  { options: { frameworks }, file }: Place,
): readonly Document<Bunnyfile>[] {
  const known = documents.map(({ value }) => value.framework);
  const unknown = frameworks?.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new BunnyError('BUNNY_ETARGET', `the Bunnyfile has no target for the framework ${unknown}`, {
      where: file,
      hint: suggestion(unknown, known) ?? `it is for ${known.join(', ')}: name ${unknown} in \`targets\``,
      exitStatus: exitStatus.unsatisfiable,
    });
  }
  return documents.filter(({ value }) => frameworks?.includes(value.framework) ?? true);
}

function basesOf(document: Document<Bunnyfile>, { options, directory }: Place): Bases {
  const { network, from, observer } = options;
  const references = baseReferences(from, document, directory);
  return openSources(references, directory, network, observer?.onWarning, observer?.transfers);
}

function filesBeside(file: string): Beside {
  const lockFile = lockFileOf(file);
  const plain = once(() => readLockFile(lockFile, { noLink: true }));
  const joined = once(() => readMergedLockFile(lockFile, { noLink: true }));
  const policies = once(() => policiesOf(dirname(file)));
  return { lock: (merged) => (merged ? joined() : plain()), policies };
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

async function readProjectFile(named: string | undefined): Promise<{ file: string; text: string }> {
  const path = named ?? (await foundBunnyfile()) ?? 'Bunnyfile';
  const file = (await isDirectory(path)) ? join(path, 'Bunnyfile') : path;
  try {
    return { file, text: await readDocumentFile(file, largestSource) };
  } catch (error) {
    const code = codeOf((error as Error).cause);
    if (code !== 'ENOENT' && code !== 'ENOTDIR') throw error;
  }
  throw new BunnyError(
    'BUNNY_ENOBUNNYFILE',
    named === undefined
      ? 'there is no Bunnyfile here or in a directory above'
      : file === path
        ? `there is no ${path}`
        : `there is no Bunnyfile in ${path}`,
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
