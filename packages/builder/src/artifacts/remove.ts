import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { HeldDirectory } from 'bunny-libos-oci';
import { defaultDirectory } from '../outputs/paths.js';
import { provenanceReport } from './provenance.js';
import { record } from './record.js';
import { sbomReports } from './sbom.js';
import { sizes } from './sizes.js';
import { artifactTypeNames, artifactTypes } from './types.js';
import { outputsOf } from './write.js';

/** A file that a build has written. */
export interface WrittenFile {
  /** Absolute. */
  path: string;
  /** Bytes. */
  size: number;
}

/**
 * Removes the images of an app from the usual directory, each with what is written beside it, and returns the files. An
 * image is what has a build record beside it: other files there are not Bunny's. No link is followed. `dryRun`: only
 * returns them. Throws what the file system throws.
 */
export function removeImages(
  project: { directory: string; name: string },
  { dryRun = false }: { dryRun?: boolean | undefined } = {},
): WrittenFile[] {
  const held = HeldDirectory.open(project.directory);
  try {
    if (held.status(defaultDirectory)?.isDirectory() !== true) return [];
    const directory = held.enter(defaultDirectory);
    try {
      return removeFrom(directory, project, dryRun);
    } finally {
      directory.close();
    }
  } finally {
    held.close();
  }
}

function removeFrom(
  directory: HeldDirectory,
  project: { directory: string; name: string },
  dryRun: boolean,
): WrittenFile[] {
  const types = artifactTypes(artifactTypeNames, artifactTypeNames, 'images', project.directory);
  const endings = Object.values(
    outputsOf({ types, reports: [record, sizes, ...sbomReports(), provenanceReport()] }),
  );
  const images = readdirSync(directory.place).flatMap((file) =>
    file.startsWith(`${project.name}-`) && file.endsWith(record.ending)
      ? [file.slice(0, -record.ending.length)]
      : [],
  );
  const written: WrittenFile[] = [];
  for (const image of images) {
    for (const ending of endings) {
      const name = `${image}${ending}`;
      const status = directory.status(name);
      if (status?.isFile() !== true) continue;
      if (!dryRun) directory.remove(name);
      written.push({ path: join(project.directory, defaultDirectory, name), size: status.size });
    }
  }
  return written;
}
