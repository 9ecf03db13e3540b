import { HeldDirectory, type HeldFile } from '@bunny/oci';

/**
 * Holds a file of a project, by its path from the project's directory, for `action`: no link is followed to it. Throws
 * as `HeldDirectory.fileBelow`.
 */
export async function useProjectFile<T>(
  directory: string,
  path: string,
  action: (file: HeldFile) => Promise<T>,
): Promise<T> {
  const project = HeldDirectory.open(directory);
  try {
    const file = project.fileBelow(path, { limit: Number.MAX_SAFE_INTEGER });
    try {
      return await action(file);
    } finally {
      file.close();
    }
  } finally {
    project.close();
  }
}
