import { readFile } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { Store } from '@bunny/oci';
import { Bases, lockFileName, rebaseReference, type TransferObserver } from '@bunny/resolver';
import {
  BunnyError,
  type Bunnyfile,
  type Document,
  exitStatus,
  type RegistrySource,
  readBunnyfile,
} from '@bunny/spec';
import { type NetworkFlags, openerOf } from './network.js';
import type { Terminal } from './terminal.js';
import { Transfers } from './transfers.js';

/** A Bunnyfile with what belongs to it. */
export interface Project {
  document: Document<Bunnyfile>;
  /** As the user would write it. */
  file: string;
  /** Absolute. */
  directory: string;
  lockFile: string;
  bases: Bases;
  /** What is fetched from the bases, where there is a terminal to show it on. */
  fetched: Transfers | undefined;
}

/** Base references as the command line and the environment give them. */
export interface BaseFlags extends NetworkFlags {
  from?: readonly string[];
}

/**
 * Opens the Bunnyfile at a path (a file, or a directory that holds one). Base references: `--from`, else
 * `registries` of the Bunnyfile, else BUNNY_REGISTRY. Throws BUNNY_ENOBUNNYFILE and what reading it throws.
 */
export async function openProject(
  path: string | undefined,
  flags: BaseFlags,
  terminal?: Terminal,
): Promise<Project> {
  const { file, text } = await readProjectFile(path ?? 'Bunnyfile');
  const directory = resolve(dirname(file));
  const document = readBunnyfile(text, file, basename(directory));
  const fetched = terminal === undefined ? undefined : new Transfers(terminal);
  const references = baseReferences(flags, document.value, directory);
  return {
    document,
    file,
    directory,
    lockFile: join(dirname(file), lockFileName),
    bases: openBases(references, directory, flags, terminal, fetched),
    fetched,
  };
}

/** Base references, opened as the command line says. Layouts are relative to `directory`. */
export function openBases(
  references: readonly (string | RegistrySource)[],
  directory: string,
  flags: NetworkFlags,
  terminal?: Terminal,
  observer?: TransferObserver,
): Bases {
  return new Bases(references, directory, {
    open: openerOf(flags, terminal),
    ...(observer === undefined ? {} : { observer }),
    ...(terminal === undefined ? {} : { onWarning: (text: string) => terminal.warn(text) }),
  });
}

async function readProjectFile(path: string): Promise<{ file: string; text: string }> {
  for (const file of [path, join(path, 'Bunnyfile')]) {
    try {
      return { file, text: await readFile(file, 'utf8') };
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'ENOENT' && code !== 'EISDIR' && code !== 'ENOTDIR') throw error;
    }
  }
  throw new BunnyError('BUNNY_ENOBUNNYFILE', `there is no ${path}`, {
    where: resolve(path),
    hint: 'name it with -f FILE, or make one with `bunny init --framework NAME`',
    exitStatus: exitStatus.usage,
  });
}

/** In the form that the lock uses: layouts relative to the Bunnyfile's directory. */
function baseReferences(
  flags: BaseFlags,
  bunnyfile: Bunnyfile,
  directory: string,
): readonly (string | RegistrySource)[] {
  const here = (references: readonly string[]) =>
    references.map((reference) => rebaseReference(reference, process.cwd(), directory));
  if (flags.from !== undefined && flags.from.length > 0) return here(flags.from);
  if (bunnyfile.registries.length > 0) return bunnyfile.registries;
  return here(environmentBases());
}

/** BUNNY_REGISTRY: references separated by blanks or commas. */
export function environmentBases(): string[] {
  return (process.env.BUNNY_REGISTRY ?? '').split(/[\s,]+/).filter((reference) => reference !== '');
}

export function openStore(): Promise<Store> {
  return Store.open();
}

/** A path as the user would write it from where they are. */
export function shownPath(path: string): string {
  const shown = relative(process.cwd(), path);
  return shown.startsWith('..') ? path : shown;
}
