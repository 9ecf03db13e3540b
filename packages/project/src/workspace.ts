import { stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { Bases, rebaseReference, type TransferObserver } from 'bunny-libos-namespace';
import { codeOf, formatReference, type Network, OciError, parseReference, Store } from 'bunny-libos-oci';
import { lockFileName, readDocumentFile } from 'bunny-libos-resolver';
import {
  BunnyError,
  type Bunnyfile,
  type Document,
  exitStatus,
  largestSource,
  type Position,
  type RegistrySource,
  readBunnyfile,
} from 'bunny-libos-spec';

/** A Bunnyfile with what belongs to it. */
export interface Project {
  document: Document<Bunnyfile>;
  /** What the file holds. */
  text: string;
  /** As the user would write it. */
  file: string;
  /** Absolute. */
  directory: string;
  lockFile: string;
  bases: Bases;
  /** What it was opened with. */
  opened: OpenProject;
}

/** Base references as the command line and the environment give them. */
export interface BaseFlags {
  from?: readonly string[] | undefined;
}

/** Which project, and what is read by way of. */
export interface OpenProject extends BaseFlags {
  /** The Bunnyfile, or a directory that holds one; the one here where left out. */
  file?: string | undefined;
  /** That of the command. */
  network: Network;
  onWarning?: ((text: string) => void) | undefined;
  /** Sees what is fetched from the bases. */
  observer?: TransferObserver | undefined;
}

/**
 * Opens the Bunnyfile at a path (a file, or a directory that holds one). Base references: `--from`, else
 * `registries` of the Bunnyfile, else BUNNY_REGISTRY. Throws BUNNY_ENOBUNNYFILE and what reading it throws.
 */
export async function openProject(opened: OpenProject): Promise<Project> {
  const { network, onWarning, observer } = opened;
  const { file, text } = await readProjectFile(opened.file ?? 'Bunnyfile');
  const directory = resolve(dirname(file));
  if (!(await isDirectory(directory))) throw unreachable(directory);
  const document = readBunnyfile(text, file, basename(directory));
  const references = baseReferences(opened, document, directory);
  return {
    document,
    text,
    file,
    directory,
    lockFile: join(dirname(file), lockFileName),
    bases: openSources(references, directory, network, onWarning, observer),
    opened,
  };
}

/** The same project, as its files are by now. */
export function reopen({ opened, file }: Project): Promise<Project> {
  return openProject({ ...opened, file });
}

/** Base references to write to. Layouts are relative to `directory`. */
export function openBases(
  references: readonly (string | RegistrySource)[],
  directory: string,
  network: Network,
  onWarning?: (text: string) => void,
): Bases {
  return new Bases(references, directory, { network, onWarning });
}

/** The same to read from: what is not there is an error, not empty. */
export function openSources(
  references: readonly (string | RegistrySource)[],
  directory: string,
  network: Network,
  onWarning?: (text: string) => void,
  observer?: TransferObserver,
): Bases {
  return new Bases(references, directory, {
    network,
    onWarning,
    observer,
    mustExist: true,
  });
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

/** In the form that the lock uses: layouts relative to the Bunnyfile's directory. Throws BUNNY_EREFERENCE. */
function baseReferences(
  flags: BaseFlags,
  { value: { registries }, at }: Document<Bunnyfile>,
  directory: string,
): readonly (string | RegistrySource)[] {
  if (flags.from !== undefined || registries.length === 0) {
    return givenBases(flags).map((reference) => rebaseReference(reference, process.cwd(), directory));
  }
  for (const [index, { ref, mirrors }] of registries.entries()) {
    for (const reference of [ref, ...mirrors]) requireReference(reference, at(['registries', index]));
  }
  return registries;
}

/** References as they are written on the command line, else in BUNNY_REGISTRY. Throws BUNNY_EREFERENCE. */
export function givenBases({ from }: BaseFlags): readonly string[] {
  const references = from ?? (process.env.BUNNY_REGISTRY ?? '').split(/[\s,]+/).filter((each) => each !== '');
  for (const reference of references) {
    requireReference(reference, from === undefined ? 'BUNNY_REGISTRY' : '--from');
  }
  return references;
}

/** Says where a reference stands that cannot be one, before anything is done with the others. */
function requireReference(reference: string, where: Position | string): void {
  try {
    parseReference(reference);
  } catch (error) {
    if (!(error instanceof OciError)) throw error;
    const { code, message, hint } = error;
    throw new BunnyError(code, message, {
      where,
      hint,
      cause: error,
      exitStatus: exitStatus.usage,
    });
  }
}

/** The repository of a reference, without tag and digest. Throws BUNNY_EREFERENCE. */
export function repositoryOf(reference: string): string {
  const { tag: _, digest: __, ...repository } = parseReference(reference);
  return formatReference(repository);
}

/** The store of this user's machine, which is made where it is missing. Throws BUNNY_EACCESS, BUNNY_EIO. */
export function openStore(): Promise<Store> {
  return Store.open();
}
