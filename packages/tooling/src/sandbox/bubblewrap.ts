import { readdirSync, readlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { BunnyError, exitStatus } from 'bunny-libos-spec';
import { callFilter } from './call-filter.js';
import type { Bind } from './command.js';
import { ControlGroup } from './control-group.js';
import type { DriverRequest, Ended } from './driver.js';
import { entryPrefix, entryProgram } from './entry-program.js';
import { entered, entrySteps, noProgram, noProgramHere } from './entry-steps.js';
import { sandboxEnvironment } from './environment.js';
import { findProgram } from './find-program.js';
import type { HostProcess } from './host-process.js';
import type { Limits } from './limits.js';
import { ReadableBinds } from './readable-binds.js';
import { thisMachine } from './system-calls.js';
import { type SandboxUser, sandboxUser } from './user.js';

/**
 * Why a sandbox could not be made, or the command not be run in it; undefined where it was. What the command itself prints,
 * and how it ends, does not matter: `report` is what was said where it cannot write.
 */
export function bubblewrapRefusal({ status, stderr, report }: Ended): string | undefined {
  if (status === 0) return undefined;
  if (report.startsWith(entered)) return new RegExp(`^${entryPrefix}(.*)$`, 'm').exec(report)?.[1];
  return /^bwrap: (.*)$/m.exec(stderr)?.[1];
}
/** Of such words: that the sandbox was made, and the kernel does not run the command in it. */
export const refusedCommand = new RegExp(`^${noProgram}|${noProgramHere}$`);

/** Directories that the sandbox makes itself, whatever the root has there. */
const ownDirectories: ReadonlySet<string> = new Set(['dev', 'proc', 'tmp']);

/** Where the first program is, in a file system that the sandbox cannot write. */
const entryInside = '/dev/enter';

/** A command that sees of this machine what `view` says, and nothing else. */
export interface Confinement {
  /** Words of bubblewrap that make `/` and all below it but /proc, /dev and /tmp. They come first. */
  view: readonly string[];
  /** Words for what is put into /dev or /tmp, or over what is there. */
  further?: readonly string[] | undefined;
  /** Working directory inside. */
  directory: string;
  /** Program, looked up in PATH inside, and its arguments. */
  command: readonly string[];
  /** All that the command gets. */
  environment: Readonly<Record<string, string>>;
  limits: Limits;
  /** It joins these. */
  group?: ControlGroup | undefined;
}

/**
 * The process that runs a command so: with no network, no service, no descriptor but the first three, no environment of
 * the caller's, no privilege and no way to one, as `sandboxUser`, in a process tree that ends with this process.
 * Throws BUNNY_ESANDBOX where bubblewrap is not installed, or the machine's kernel is unknown.
 */
export function bubblewrapProcess(confinement: Confinement): HostProcess {
  const program = findProgram('bwrap');
  if (program === undefined) throw missingDriver('bwrap', 'bubblewrap');
  const machine = thisMachine();
  if (machine === undefined) throw unknownMachine();
  const user = sandboxUser();
  const {
    view,
    further = [],
    directory,
    command,
    environment,
    limits,
    group = ControlGroup.none,
  } = confinement;
  const room = limits.tmp === Infinity ? [] : ['--size', String(limits.tmp)];
  const [args, filter, entry, firstGroup] = [3, 4, 5, 6];
  const words = [
    ...namespaces(user),
    ...['--unshare-ipc', '--unshare-pid', '--unshare-net', '--unshare-uts', '--unshare-cgroup-try'],
    ...['--die-with-parent', '--new-session', '--clearenv', '--seccomp', String(filter)],
    ...view,
    ...['--proc', '/proc', '--dev', '/dev', '--perms', '0555', '--ro-bind-data', String(entry), entryInside],
    ...[
      '--perms',
      '1777',
      ...room,
      '--tmpfs',
      '/dev/shm',
      '--perms',
      '1777',
      ...room,
      '--tmpfs',
      '/tmp',
      ...further,
    ],
    // Else as much could be written to /dev as the machine has memory.
    ...['--remount-ro', '/dev', '--remount-ro', '/', '--chdir', directory],
  ];
  const report = firstGroup + group.joins.length;
  const steps = entrySteps({
    user: user.isReal ? user.id : undefined,
    // By user, the kernel would count what other sandboxes run, too.
    limits: group.keeps('processes') ? { ...limits, processes: Infinity } : limits,
    groups: group.joins.map((_, index) => firstGroup + index),
    report,
    command,
    environment,
  });
  return {
    program,
    // Its command line and environment are read in the sandbox, where it is process 1.
    words: ['--args', String(args), '--', entryInside],
    environment: {},
    inputs: [
      Buffer.from(words.map((word) => `${word}\0`).join('')),
      callFilter(machine),
      entryProgram(steps, machine, report),
      ...group.joins,
      'report',
    ],
  };
}

/**
 * As root, mounts are made without a user namespace, so that they may lead through directories that only root may enter,
 * and the first program becomes another user. Anybody else is that user in a namespace, in which nobody else exists.
 */
function namespaces({ id, isReal }: SandboxUser): string[] {
  if (isReal) return [];
  return ['--unshare-user', '--uid', String(id), '--gid', String(id), '--cap-drop', 'ALL'];
}

/**
 * The process that runs a command in a root filesystem. `/` is an empty file system into which each entry of the root is
 * bound, so that mount points can be made in it before it becomes read-only.
 */
export function sandboxProcess({ command, limits, group, scratch }: DriverRequest): HostProcess {
  const view: string[] = [];
  const taken = new Set(command.binds.map((bind) => bind.to.split('/')[1]));
  for (const entry of readdirSync(command.root, { withFileTypes: true })) {
    if (ownDirectories.has(entry.name) || taken.has(entry.name)) continue;
    const path = join(command.root, entry.name);
    if (entry.isSymbolicLink()) view.push('--symlink', readlinkSync(path), `/${entry.name}`);
    else view.push('--ro-bind', path, `/${entry.name}`);
  }
  return bubblewrapProcess({
    view,
    further: bindWords(command.binds, scratch),
    directory: command.directory,
    command: command.command,
    environment: { ...sandboxEnvironment, ...command.environment },
    limits,
    group,
  });
}

/**
 * Words for what of this machine is seen, and where. `scratch` gives a directory for copies that exist while the sandbox
 * does: that of root may not read everything. Throws what `ReadableBinds` throws.
 */
export function bindWords(binds: readonly Bind[], scratch: () => string): string[] {
  // bubblewrap makes the directories above a place itself, but so that only root may enter them.
  const above = new Set(binds.flatMap(({ to }) => parents(to)));
  const readable = sandboxUser().isReal ? new ReadableBinds(scratch) : undefined;
  return [
    ...[...above].flatMap((directory) => ['--dir', directory]),
    ...binds.flatMap((bind) => {
      if (readable !== undefined && bind.mayBePrivate) return readable.words(bind);
      return [bind.writable ? '--bind' : '--ro-bind', bind.from, bind.to];
    }),
  ];
}

/** `/a/b` -> `/a` */
function parents(path: string): string[] {
  const directory = dirname(path);
  return directory === '/' || directory === '.' ? [] : [...parents(directory), directory];
}

/** The error for a program that makes sandboxes and is not there. */
export function missingDriver(name: string, debianPackage: string): BunnyError {
  return new BunnyError('BUNNY_ESANDBOX', `${name} is not installed`, {
    where: 'PATH',
    hint: `install it: apt-get install ${debianPackage}`,
    exitStatus: exitStatus.unsatisfiable,
  });
}

function unknownMachine(): BunnyError {
  return new BunnyError('BUNNY_ESANDBOX', `no sandbox can be made on ${process.arch}`, {
    where: process.platform,
    hint: 'run Bunny on Linux on amd64 or arm64',
    exitStatus: exitStatus.unsatisfiable,
  });
}
