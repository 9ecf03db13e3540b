import { basename } from 'node:path';
import { type OutputPaths, type Outputs, openOutputs, outputPaths } from '../outputs/paths.js';
import { StagedFiles } from '../outputs/staged-files.js';
import type { Made, Writer } from './artifact.js';

/** Where an image goes. */
export interface Destination {
  /** Path of the image, absolute. */
  image: string;
  /** Directory of the Bunnyfile, absolute. */
  directory: string;
  /** As the command line has it. */
  output?: string | undefined;
}

/** Everything that these writers may write. */
export function outputsOf(writers: readonly Writer[]): Outputs {
  return Object.fromEntries(writers.flatMap(({ outputs }) => Object.entries(outputs)));
}

/**
 * Has each of the writers write, one after the other: all of their files get their names, or none does. Returns the
 * paths of what is written. Throws as `openOutputs`, and what the writers throw.
 */
export async function writeArtifacts(
  writers: readonly Writer[],
  made: Made,
  destination: Destination,
): Promise<OutputPaths> {
  const { image } = destination;
  const paths = outputPaths(image, outputsOf(writers));
  const directory = openOutputs(image, destination);
  try {
    const names = Object.entries(paths).map(([output, path]) => [output, basename(path)]);
    const files = new StagedFiles(directory, Object.fromEntries(names));
    try {
      for (const writer of writers) await writer.write(files, made);
      const { outputs } = files;
      files.commit();
      return Object.fromEntries(outputs.map((output) => [output, paths[output] ?? image]));
    } finally {
      await files.discard();
    }
  } finally {
    directory.close();
  }
}
