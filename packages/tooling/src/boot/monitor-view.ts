import { accessSync, constants, readdirSync, readlinkSync, realpathSync, statSync } from 'node:fs';
import { isAbsolute, relative, resolve } from 'node:path';
import { BunnyError, exitStatus } from 'bunny-libos-spec';
import type { Bind } from '../sandbox/command.js';
import { sandboxUser } from '../sandbox/user.js';

/** Programs and libraries of the machine, in `/`: one directory each, or links into /usr. */
const systemDirectories = /^(?:usr|bin|sbin|lib\w*)$/;
/** What a loader and a link to a program among several lead to. */
const systemFiles = ['/etc/ld.so.cache', '/etc/alternatives'];
/** What the sandbox makes itself, and what shows the machine: nothing of this is a program to bind. */
const notFiles = /^\/(?:proc|sys|dev)(?:\/|$)/;

/** What a monitor sees of this machine, as words of bubblewrap. */
export interface MonitorView {
  /** They come first: `/` is empty before them. */
  system: string[];
  /** What may lie below /tmp and other directories that are made for the sandbox. */
  further: Bind[];
  /** Words for devices. */
  devices: string[];
}

/**
 * A monitor sees, read-only, the programs and libraries of the system, its own file where it is none of these, and
 * directories that the user has named: nothing else of the machine, as it is what a registry chose. Looks at the
 * file system, runs nothing. Throws BunnyError BUNNY_ENOFILE for a named directory that is not there, BUNNY_EUSAGE for
 * the whole machine, or /proc, /sys and /dev.
 */
export function monitorView(program: string | undefined, directories: readonly string[]): MonitorView {
  const system: string[] = [];
  for (const entry of readdirSync('/', { withFileTypes: true })) {
    if (!systemDirectories.test(entry.name)) continue;
    const path = `/${entry.name}`;
    if (entry.isSymbolicLink()) system.push('--symlink', readlinkSync(path), path);
    else if (entry.isDirectory()) system.push('--ro-bind', path, path);
  }
  system.push('--dir', '/etc');
  for (const path of systemFiles) system.push('--ro-bind-try', path, path);
  const named = directories.map(namedDirectory);
  const further: Bind[] = named.map(({ path, real }) => ({ from: real, to: path, mayBePrivate: true }));
  const isSeen =
    program === undefined ||
    systemDirectories.test(program.split('/')[1] ?? '') ||
    named.some(({ path }) => isWithin(program, path));
  if (!isSeen) further.push({ from: realpathSync(program), to: program, mayBePrivate: true });
  const devices = isUsable('/dev/kvm') ? ['--dev-bind-try', '/dev/kvm', '/dev/kvm'] : [];
  return { system, further, devices };
}

/** Whether a file of the machine can be shown to a monitor where it is. */
export function canBeShown(program: string): boolean {
  return !notFiles.test(program) && !notFiles.test(realpathSync(program));
}

function namedDirectory(name: string): { path: string; real: string } {
  const path = resolve(name);
  let real: string | undefined;
  try {
    real = realpathSync(path);
    if (!statSync(real).isDirectory()) real = undefined;
  } catch {}
  if (real === undefined) {
    throw new BunnyError('BUNNY_ENOFILE', `there is no directory ${name}`, {
      where: '--monitor-dir',
      hint: 'name a directory that the monitor is to read',
      exitStatus: exitStatus.usage,
    });
  }
  // What is there is the machine itself; over those of the sandbox it would take their place.
  if (real !== '/' && !notFiles.test(real) && !notFiles.test(path)) return { path, real };
  throw new BunnyError(
    'BUNNY_EUSAGE',
    `a monitor is not shown ${real === '/' ? 'the whole machine' : real}`,
    {
      where: '--monitor-dir',
      hint: 'name the directories that it needs',
      exitStatus: exitStatus.usage,
    },
  );
}

function isWithin(path: string, directory: string): boolean {
  const inside = relative(directory, path);
  return inside !== '..' && !inside.startsWith('../') && !isAbsolute(inside);
}

function isUsable(device: string): boolean {
  try {
    accessSync(device, constants.R_OK | constants.W_OK);
    // As root, a sandbox is another user, in no group.
    return !sandboxUser().isReal || (statSync(device).mode & 0o6) === 0o6;
  } catch {
    return false;
  }
}
