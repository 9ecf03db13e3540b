import { defaultStoreDirectory, Store } from 'bunny-libos-oci';
import { exitStatus, formatBytes } from 'bunny-libos-spec';
import type { Run } from '../../options/command.js';
import { count, timeSinceStart } from '../../terminal/quantities.js';

const notRemoved = 'cannot be removed: the store may only be read here; verify it where it may be written to';

/**
 * Reads every blob, and compares what was unpacked with it. What is damaged is removed, and made again when needed, but
 * from a store that may only be read.
 */
export async function run({ terminal, signal }: Run): Promise<number> {
  // To look is not to make one.
  const store = new Store(defaultStoreDirectory());
  const { checked, bytes, corrupt, trees, damaged, left } = await store.verify({
    signal,
    onBlob: (digest) => terminal.progress(`verifying ${digest}`),
    onTree: (name) => terminal.progress(`comparing unpacked/${name}`),
  });
  terminal.clear();
  const isLeft = (each: string) => left.includes(each);
  for (const digest of corrupt) {
    const outcome = isLeft(digest) ? notRemoved : 'is removed: it is fetched again when needed';
    terminal.warn(`${digest} was damaged, and ${outcome}`);
  }
  for (const name of damaged) {
    const outcome = isLeft(name) ? notRemoved : 'is removed: it is made again when needed';
    terminal.warn(`unpacked/${name} is not what its layers hold, and ${outcome}`);
  }
  const isSound = corrupt.length === 0 && damaged.length === 0;
  const found = isSound
    ? 'all sound'
    : `${count(corrupt.length, 'blob')} and ${count(damaged.length, 'tree')} damaged`;
  terminal.done(
    'Verified',
    `${count(checked, 'blob')} (${formatBytes(bytes)}) and ${count(trees, 'tree')} in ${timeSinceStart()}: ${found}`,
  );
  terminal.result({ directory: store.directory, checked, bytes, corrupt, trees, damaged, left });
  return isSound ? exitStatus.done : exitStatus.unsatisfiable;
}
