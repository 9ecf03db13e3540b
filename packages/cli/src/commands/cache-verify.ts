import { exitStatus } from '@bunny/spec';
import type { CommonFlags, Run } from '../action.js';
import { count, formatBytes, formatSeconds } from '../quantities.js';
import { openStore } from '../workspace.js';

/** Reads every blob. One that is damaged is removed, and fetched again when it is needed. */
export async function run({ terminal, signal }: Run<CommonFlags>): Promise<number> {
  const start = performance.now();
  const store = await openStore();
  const { checked, bytes, corrupt } = await store.verify({
    signal,
    onBlob: (digest) => terminal.progress(`verifying ${digest}`),
  });
  terminal.clear();
  for (const digest of corrupt)
    terminal.warn(`${digest} was damaged, and is removed: it is fetched again when needed`);
  const found = corrupt.length === 0 ? 'all sound' : `${count(corrupt.length, 'blob')} damaged`;
  terminal.done(
    'Verified',
    `${count(checked, 'blob')} (${formatBytes(bytes)}) in ${formatSeconds(performance.now() - start)}: ${found}`,
  );
  terminal.result({ directory: store.directory, checked, bytes, corrupt });
  return corrupt.length === 0 ? exitStatus.done : exitStatus.unsatisfiable;
}
