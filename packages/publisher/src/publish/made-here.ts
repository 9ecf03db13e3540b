import { access, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeDirectory, type Store } from 'bunny-libos-oci';

/** Remembers that a manifest was made on this machine: a run that is cut off before it signs can do so in the next. */
export async function rememberMade(store: Store, digest: string): Promise<void> {
  const mark = markOf(store, digest);
  makeDirectory(mark.directory);
  await writeFile(mark.file, '');
}

export async function isMadeHere(store: Store, digest: string): Promise<boolean> {
  return access(markOf(store, digest).file).then(
    () => true,
    () => false,
  );
}

function markOf(store: Store, digest: string): { directory: string; file: string } {
  const directory = join(store.directory, 'publish', 'made');
  return { directory, file: join(directory, digest.replace(':', '-')) };
}
