import { exitStatus } from '@bunny/spec';
import type { CommonFlags, Run } from '../action.js';
import { count, formatBytes, formatSeconds } from '../quantities.js';
import { openStore } from '../workspace.js';

/** Reads every blob, and compares what was unpacked with it. What is damaged is removed, and made again when needed. */
export async function run({ terminal, signal }: Run<CommonFlags>): Promise<number> {
  const start = performance.now();
  const store = await openStore();
  const { checked, bytes, corrupt, trees, damaged } = await store.verify({
    signal,
    onBlob: (digest) => terminal.progress(`verifying ${digest}`),
    onTree: (name) => terminal.progress(`comparing unpacked/${name}`),
  });
  terminal.clear();
  for (const digest of corrupt)
    terminal.warn(`${digest} was damaged, and is removed: it is fetched again when needed`);
  for (const name of damaged)
    terminal.warn(
      `unpacked/${name} is not what its layers hold, and is removed: it is made again when needed`,
    );
  const isSound = corrupt.length === 0 && damaged.length === 0;
  const found = isSound
    ? 'all sound'
    : `${count(corrupt.length, 'blob')} and ${count(damaged.length, 'tree')} damaged`;
  terminal.done(
    'Verified',
    `${count(checked, 'blob')} (${formatBytes(bytes)}) and ${count(trees, 'tree')} in ${formatSeconds(performance.now() - start)}: ${found}`,
  );
  terminal.result({ directory: store.directory, checked, bytes, corrupt, trees, damaged });
  return isSound ? exitStatus.done : exitStatus.unsatisfiable;
}
