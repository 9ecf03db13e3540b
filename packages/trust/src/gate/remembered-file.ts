import { randomBytes } from 'node:crypto';
import { rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { codeOf, makeDirectory } from 'bunny-libos-oci';

/** Where the store may only be read, or somebody removes it at the same time. */
const readOnly: readonly (string | undefined)[] = ['EACCES', 'EPERM', 'EROFS', 'ENOENT'];

/** Replaces a file of what is remembered: readers see the old one or the new one. What may not be written is not remembered. */
export async function replaceRemembered(file: string, text: string): Promise<void> {
  const ingest = `${file}.${randomBytes(6).toString('hex')}`;
  try {
    makeDirectory(dirname(file));
    await writeFile(ingest, text);
    await rename(ingest, file);
  } catch (error) {
    await rm(ingest, { force: true }).catch(() => undefined);
    if (!readOnly.includes(codeOf(error))) throw error;
  }
}
