import { chmodSync, closeSync, fsyncSync, openSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { canonicalJson, sha256 } from 'bunny-libos-spec';
import { planFiles } from '../plan/sandbox-paths.js';
import type { WorkDirectory } from '../run/work-directory.js';
import type { RootfsContent } from './content.js';
import { PackedRootfs } from './packed.js';

const fingerprintFile = 'rootfs.json';

/**
 * Writes a root file system where steps in the sandbox read it and cannot write, unless it is there as it is: its time
 * says whether they are to be run again. Throws as `PackedRootfs.pieces`, and what the file system throws.
 */
export async function packForSteps(content: NonNullable<RootfsContent>, work: WorkDirectory): Promise<void> {
  const fingerprint = sha256(canonicalJson(content));
  if (work.kept<{ fingerprint: string }>(fingerprintFile)?.fingerprint === fingerprint) return;
  const path = join(work.plan, planFiles.rootfs);
  const temporary = `${path}.new`;
  const file = openSync(temporary, 'w');
  try {
    for await (const piece of new PackedRootfs(content).pieces()) writeSync(file, piece);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  // The sandbox may be another user, whatever the umask of this one.
  chmodSync(temporary, 0o644);
  renameSync(temporary, path);
  work.keep(fingerprintFile, { fingerprint });
}
