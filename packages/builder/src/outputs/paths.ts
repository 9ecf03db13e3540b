import type { Stats } from 'node:fs';
import { lstat, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { HeldDirectory, makeDirectory } from 'bunny-libos-oci';
import { BunnyError, exitStatus } from 'bunny-libos-spec';

/** Name of the directory in that of a project where images go, unless the command line names another place. */
export const defaultDirectory = 'build';

/** Files by what they are -> how their names end, after that of the image. */
export type Outputs = Readonly<Record<string, string>>;

/** Where the files of a build go, all in one directory: by what they are, absolute. */
export type OutputPaths = Readonly<Record<string, string>>;

/** The path that an image has: `output` (relative to `current`), or below `build/` of the Bunnyfile's directory. */
export function imagePath(
  directory: string,
  defaultName: string,
  output: string | undefined,
  current: string = process.cwd(),
): string {
  return output === undefined ? join(directory, defaultDirectory, defaultName) : resolve(current, output);
}

/** The paths of the files of an image. */
export function outputPaths(image: string, outputs: Outputs): OutputPaths {
  return Object.fromEntries(Object.entries(outputs).map(([output, ending]) => [output, `${image}${ending}`]));
}

/** What is built, and where its outputs go, as `BuildRequest` has it. */
interface Place {
  /** Of the Bunnyfile, absolute. */
  directory: string;
  output?: string | undefined;
}

/**
 * Holds the directory of the outputs, which is made where it is missing. The default one is no link to elsewhere: only
 * the command line names such places. Throws BUNNY_EPATH and what the file system throws.
 */
export function openOutputs(image: string, { directory, output }: Place): HeldDirectory {
  if (output !== undefined) {
    makeDirectory(dirname(image));
    return HeldDirectory.open(dirname(image));
  }
  const project = HeldDirectory.open(directory);
  try {
    return project.make(defaultDirectory);
  } finally {
    project.close();
  }
}

/**
 * Refuses to write where that would destroy what the image is made from, or cannot succeed. `inputs` are absolute,
 * or relative to the project's directory. Throws BunnyError BUNNY_EEXISTS: an output is an input, or is no regular file;
 * BUNNY_EPATH: one is a link that came with the project, as the command line does not name it.
 */
export async function requireFreeOutputs(
  paths: OutputPaths,
  inputs: readonly string[],
  { directory, output }: Place,
): Promise<void> {
  if (output === undefined) {
    const all = Object.values(paths);
    for (const path of new Set([...all.map((each) => dirname(each)), ...all])) await refuseLink(path);
  }
  const here = await realpath(directory);
  const sources = new Set(inputs.map((path) => resolve(here, relative(directory, resolve(directory, path)))));
  for (const path of Object.values(paths)) {
    const above = await realpath(dirname(path)).catch(() => undefined);
    if (above === undefined) continue;
    if (sources.has(join(above, basename(path)))) {
      throw refused(path, 'the output would replace what the image is made from', 'choose another path');
    }
    const there = await stat(path).catch(() => undefined);
    if (there?.isDirectory()) {
      throw refused(path, 'the output is a directory', 'name a file in it, or another one');
    }
    // It would be replaced: as root also /dev/null, for everybody.
    if (there !== undefined && !there.isFile()) {
      throw refused(
        path,
        `the output is a ${kindOf(there)}, which a file would replace`,
        'name another path',
      );
    }
  }
}

function kindOf(there: Stats): string {
  if (there.isFIFO()) return 'pipe';
  return there.isSocket() ? 'socket' : 'device';
}

async function refuseLink(path: string): Promise<void> {
  if (!(await lstat(path).catch(() => undefined))?.isSymbolicLink()) return;
  throw new BunnyError('BUNNY_EPATH', 'the output is a link, which may lead anywhere: it is not followed', {
    where: path,
    hint: 'remove the link, or name the place that you mean with --output',
    exitStatus: exitStatus.usage,
  });
}

function refused(where: string, summary: string, hint: string): BunnyError {
  return new BunnyError('BUNNY_EEXISTS', summary, { where, hint, exitStatus: exitStatus.usage });
}
