import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bind } from 'bunny-libos-tooling';

/** A tooling root that is this machine's own /usr, in a temporary directory with room for the test's files. */
export interface HostRoot {
  root: string;
  binds: Bind[];
  /** Scratch directory of the test. */
  scratch: string;
  remove(): void;
}

export function hostRoot(): HostRoot {
  const scratch = mkdtempSync(join(tmpdir(), 'bunny-sandbox-'));
  const root = join(scratch, 'root');
  mkdirSync(root);
  for (const name of ['bin', 'sbin', 'lib', 'lib64']) symlinkSync(`usr/${name}`, join(root, name));
  return {
    root,
    binds: [{ from: '/usr', to: '/usr' }],
    scratch,
    remove: () => rmSync(scratch, { recursive: true, force: true }),
  };
}
