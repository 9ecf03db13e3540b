import { realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { BunnyError, exitStatus } from '@bunny/spec';

/** Where the files of a build go. Absolute. */
export interface OutputPaths {
  image: string;
  record: string;
  sizes: string;
  initrd: string;
}

/** The image at `output` (relative to `current`), or below `build/` of the Bunnyfile's directory; the others beside it. */
export function outputPaths(
  directory: string,
  defaultName: string,
  output: string | undefined,
  current: string = process.cwd(),
): OutputPaths {
  const image = output === undefined ? join(directory, 'build', defaultName) : resolve(current, output);
  return {
    image,
    record: `${image}.record.json`,
    sizes: `${image}.sizes.json`,
    initrd: `${image}.initrd`,
  };
}

/**
 * Refuses to write where that would destroy what the image is made from, or cannot succeed. `inputs` are absolute,
 * or relative to `directory`. Throws BunnyError BUNNY_EEXISTS: an output is an input, or is a directory.
 */
export async function requireFreeOutputs(
  paths: OutputPaths,
  inputs: readonly string[],
  directory: string,
): Promise<void> {
  const here = await realpath(directory);
  const sources = new Set(inputs.map((path) => resolve(here, relative(directory, resolve(directory, path)))));
  for (const path of Object.values(paths)) {
    const above = await realpath(dirname(path)).catch(() => undefined);
    if (above === undefined) continue;
    if (sources.has(join(above, basename(path)))) {
      throw refused(path, 'the output would replace what the image is made from', 'choose another path');
    }
    if ((await stat(path).catch(() => undefined))?.isDirectory()) {
      throw refused(path, 'the output is a directory', 'name a file in it, or another one');
    }
  }
}

function refused(where: string, summary: string, hint: string): BunnyError {
  return new BunnyError('BUNNY_EEXISTS', summary, { where, hint, exitStatus: exitStatus.usage });
}
