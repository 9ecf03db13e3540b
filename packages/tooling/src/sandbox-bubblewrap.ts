import { readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { SandboxCommand } from './sandbox-command.js';
import { sandboxEnvironment } from './sandbox-environment.js';

/** Directories that the sandbox makes itself, whatever the root has there. */
const ownDirectories: ReadonlySet<string> = new Set(['dev', 'proc', 'tmp']);

/** The words that cut a process off from the machine, for every use of bubblewrap here. */
export const isolation: readonly string[] = [
  '--unshare-all',
  '--die-with-parent',
  '--new-session',
  // As root, bubblewrap leaves the capabilities to the command. With another user inside a user namespace,
  // what the command writes still belongs to the caller outside.
  '--unshare-user',
  '--cap-drop',
  'ALL',
  '--uid',
  '1000',
  '--gid',
  '1000',
];

/**
 * The bubblewrap command line. `/` is an empty file system into which each entry of the root is bound, so
 * that mount points can be made in it before it becomes read-only.
 */
export function bubblewrapCommand(command: SandboxCommand): string[] {
  const words = ['bwrap', ...isolation, '--clearenv'];
  for (const [name, value] of Object.entries({ ...sandboxEnvironment, ...command.environment })) {
    words.push('--setenv', name, value);
  }
  const taken = new Set(command.binds.map((bind) => bind.to.split('/')[1]));
  for (const entry of readdirSync(command.root, { withFileTypes: true })) {
    if (ownDirectories.has(entry.name) || taken.has(entry.name)) continue;
    const path = join(command.root, entry.name);
    if (entry.isSymbolicLink()) words.push('--symlink', readlinkSync(path), `/${entry.name}`);
    else words.push('--ro-bind', path, `/${entry.name}`);
  }
  words.push('--proc', '/proc', '--dev', '/dev', '--tmpfs', '/tmp');
  for (const bind of command.binds) words.push(bind.writable ? '--bind' : '--ro-bind', bind.from, bind.to);
  words.push('--remount-ro', '/', '--chdir', command.directory, '--');
  return [...words, ...command.command];
}
