import { lstatSync, mkdirSync, mkdtempSync, readlinkSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BunnyError } from 'bunny-libos-spec';
import type { Bind } from './command.js';
import { runInSandbox, sandboxDriver } from './sandbox.js';

/** Directories of this machine that one of its programs needs. */
const programDirectories = ['bin', 'lib', 'lib32', 'lib64', 'usr'];

/**
 * Runs `true` of this machine in the sandbox that compilers get, and returns the name of that sandbox. Throws what
 * `runInSandbox` does, and BUNNY_ESANDBOX where the program does not end well.
 */
export async function trySandbox(signal?: AbortSignal): Promise<string> {
  const { name } = sandboxDriver();
  const root = mkdtempSync(join(tmpdir(), 'bunny-doctor-'));
  try {
    const binds = programDirectories.flatMap((directory) => mirrored(directory, root));
    const { status, stderr } = await runInSandbox(
      { root, binds, directory: '/', command: ['true'] },
      { signal, timeout: 60_000 },
    );
    if (status === 0) return name;
    throw new BunnyError('BUNNY_ESANDBOX', `a program in the sandbox ended with status ${status}`, {
      where: name,
      details: [stderr.trim()],
      hint: 'choose another sandbox with BUNNY_SANDBOX',
    });
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** A directory of this machine as it is there: a link (as `bin` to `usr/bin`) as one, another as a bind. */
function mirrored(name: string, root: string): Bind[] {
  const from = `/${name}`;
  const found = lstatSync(from, { throwIfNoEntry: false });
  if (found === undefined) return [];
  if (found.isSymbolicLink()) {
    symlinkSync(readlinkSync(from), join(root, name));
    return [];
  }
  mkdirSync(join(root, name));
  return [{ from, to: from }];
}
