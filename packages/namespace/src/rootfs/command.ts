import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { BunnyError, exitStatus, type Position, type RootfsSource, shellLine } from 'bunny-libos-spec';
import { fileDigest, findProgram, runProcess, sourceFiles, withNamedFile } from 'bunny-libos-tooling';
import { rootfsKey } from './cache.js';

/** A program that makes a root, and what its result depends on. */
export interface RootfsMaker {
  program: string;
  words: readonly string[];
  directory: string;
  /** Relative to the directory, sorted. */
  inputs: readonly string[];
}

/** Throws BUNNY_EROOTFS where there is no such program, BUNNY_ESOURCE where an input is missing. */
export async function findMaker(
  { run, inputs }: NonNullable<RootfsSource['command']>,
  directory: string,
  where: Position,
): Promise<RootfsMaker> {
  const [name = '', ...words] = run;
  const program = findProgram(name.includes('/') ? resolve(directory, name) : name);
  if (program === undefined) {
    throw new BunnyError('BUNNY_EROOTFS', `there is no executable program ${JSON.stringify(name)}`, {
      where,
      hint: 'name one on the PATH or relative to tooling.yaml, and make it executable (chmod +x)',
    });
  }
  const files = await sourceFiles(
    directory,
    inputs.map((pattern) => ({ pattern, at: where })),
  );
  return { program, words, directory, inputs: files };
}

/** The key of what the program makes. Throws BUNNY_ESOURCE, BUNNY_EPATH and BUNNY_ELIMIT for an input that is no plain file by now. */
export async function makerKey({ program, words, directory, inputs }: RootfsMaker): Promise<string> {
  const digests = await Promise.all(inputs.map(async (path) => [path, await inputDigest(directory, path)]));
  return rootfsKey({ program: await fileDigest(program), words, inputs: digests });
}

async function inputDigest(directory: string, path: string): Promise<string> {
  const where = join(directory, path);
  const gone = () =>
    new BunnyError('BUNNY_ESOURCE', `${path} is not there any more`, {
      where,
      hint: 'publish again',
      exitStatus: exitStatus.usage,
    });
  return await withNamedFile({ directory, path, where }, gone, ({ place }) => fileDigest(place));
}

/**
 * Has the program fill an empty directory. It runs on this machine, with all that its user may do. Throws BUNNY_EROOTFS
 * where it fails.
 */
export async function runMaker(
  maker: RootfsMaker,
  tree: string,
  options: { signal?: AbortSignal | undefined; onLine?: ((line: string) => void) | undefined },
): Promise<void> {
  options.onLine?.(`making the root filesystem: ${shellLine([maker.program, ...maker.words])}`);
  const lines: string[] = [];
  const result = await runProcess(maker.program, [...maker.words, tree], {
    directory: maker.directory,
    group: true,
    signal: options.signal,
    onLine: (line) => {
      lines.push(line);
      options.onLine?.(line);
    },
    missing: () => failure(maker, 'cannot be started', lines),
  });
  if (result.status !== 0) throw failure(maker, `ended with status ${result.status}`, lines);
  if ((await readdir(tree)).length === 0) throw failure(maker, 'wrote nothing', lines);
}

function failure(maker: RootfsMaker, what: string, lines: readonly string[]): BunnyError {
  return new BunnyError('BUNNY_EROOTFS', `the program that makes the root filesystem ${what}`, {
    where: maker.program,
    hint: 'run it by hand with an empty directory as its last argument',
    exitStatus: exitStatus.buildFailed,
    details: lines.slice(-40),
  });
}

/** The error where nobody allowed the program to be run. */
export function notAllowed({ program, words }: RootfsMaker, where: Position): BunnyError {
  return new BunnyError('BUNNY_ECOMMANDS', 'a program of this library OS is to make its root filesystem', {
    where,
    details: [`it runs on this machine, as you: ${shellLine([program, ...words])}`],
    hint: 'read it, then publish with --allow-commands',
    exitStatus: exitStatus.usage,
  });
}
