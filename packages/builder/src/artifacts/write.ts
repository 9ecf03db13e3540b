import { basename } from 'node:path';
import { type OutputPaths, type Outputs, openOutputs, outputPaths } from '../outputs/paths.js';
import { StagedFiles } from '../outputs/staged-files.js';
import type { ArtifactType, Made, Report } from './artifact.js';

/** What is written of an image. */
export interface Wanted {
  types: readonly ArtifactType[];
  reports: readonly Report[];
  /** Names of files beside the image, which are written with it. */
  outputs?: readonly string[] | undefined;
}

/** Where an image goes. */
export interface Destination {
  /** Path of the image, absolute. */
  image: string;
  /** Directory of the Bunnyfile, absolute. */
  directory: string;
  /** As the command line has it. */
  output?: string | undefined;
}

/** Every file that may be written. */
export function outputsOf({ types, reports, outputs = [] }: Wanted): Outputs {
  return Object.fromEntries([
    ...outputs.map((name) => [name, `.${name}`] as const),
    ...types.flatMap(({ outputs }) => Object.entries(outputs)),
    ...reports.map(({ output, ending }) => [output, ending] as const),
  ]);
}

/**
 * Has each type write its artifact, then each report, one after the other: all get their names, or none does. Returns the
 * paths of what is written. Throws as `openOutputs`, and what the types throw.
 */
export async function writeArtifacts(
  wanted: Wanted,
  made: Made,
  destination: Destination,
): Promise<OutputPaths> {
  const { image } = destination;
  const paths = outputPaths(image, outputsOf(wanted));
  const directory = openOutputs(image, destination);
  try {
    const names = Object.entries(paths).map(([output, path]) => [output, basename(path)]);
    const files = new StagedFiles(directory, Object.fromEntries(names));
    try {
      const taking = [];
      for (const type of wanted.types) taking.push(await type.write(files, made));
      const reports = await writeReports(wanted.reports, files, made);
      for (const take of taking) await take?.(reports);
      return await files.commit();
    } finally {
      await files.discard();
    }
  } finally {
    directory.close();
  }
}

async function writeReports(
  reports: readonly Report[],
  files: StagedFiles,
  made: Made,
): Promise<Record<string, string>> {
  const written = files.digests;
  const texts: Record<string, string> = {};
  for (const { output, of } of reports) {
    const document = await of(made, written);
    if (document === undefined) continue;
    const text = `${JSON.stringify(document, undefined, 2)}\n`;
    await files.write(output, text);
    texts[output] = text;
  }
  return texts;
}
