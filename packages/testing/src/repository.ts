import { fileURLToPath } from 'node:url';

/** Path of a file of this checkout, given from its top: `repositoryFile('scripts/judges')`. */
export function repositoryFile(path: string): string {
  return fileURLToPath(new URL(`../../../../${path}`, import.meta.url));
}
