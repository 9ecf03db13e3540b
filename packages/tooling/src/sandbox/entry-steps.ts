import { type Step, terminated } from './entry-program.js';
import type { Limits } from './limits.js';

/** What is done between the making of a sandbox and its command. */
export interface Entry {
  /** User and group to become, for good; none where the sandbox has a user namespace. */
  user?: number | undefined;
  limits: Limits;
  /** Control groups to join: descriptors of their `cgroup.procs`. */
  groups: readonly number[];
  /** A descriptor above those, on which the sandbox says that it is made; it ends where the command begins. */
  report: number;
  /** Program, looked up in the PATH of `environment`, and its arguments. */
  command: readonly string[];
  /** All that the command gets. */
  environment: Readonly<Record<string, string>>;
}

// linux/fcntl.h, linux/capability.h, linux/prctl.h, asm-generic/resource.h, asm-generic/errno-base.h
const AT_FDCWD = -100;
const O_WRONLY = 1;
const capabilityVersion = 0x20080522;
const PR_CAPBSET_DROP = 24;
/** One more than the kernel can ever number. */
const capabilities = 64;
const RLIMIT_FSIZE = 1;
const RLIMIT_CORE = 4;
const RLIMIT_NPROC = 6;
const ENOEXEC = 8;
const F_SETFD = 2;
const FD_CLOEXEC = 1;

const firstFree = 3;
const allDescriptors = 0xffff_ffff;

/** What the first step reports: all that follows is of the command, but for what else is reported. */
export const entered = 'entered\n';
/** What the last step says where there is no such program. */
export const noProgram = 'there is no program ';
/** What follows its path where the kernel does not know how to run it. */
export const noProgramHere = ' is not a program for this machine';

/** The first program of a sandbox, step by step. */
export function entrySteps({ user, limits, groups, report, command, environment }: Entry): Step[] {
  const otherwise = 'descriptors cannot be closed: Linux 5.9 or later is needed';
  return [
    write(report, entered),
    // Whoever may not is watched by other means.
    ...groups.map((group): Step => write(group, '0')),
    // Whoever started Bunny may have left descriptors open in it, and bubblewrap hands all on.
    { call: 'close_range', operands: [firstFree, report - 1, 0], otherwise },
    { call: 'close_range', operands: [report + 1, allDescriptors, 0], otherwise },
    { call: 'fcntl', operands: [report, F_SETFD, FD_CLOEXEC], otherwise },
    // Where memory runs out after all, this is to end, and nothing else. Who may not choose that does without.
    {
      call: 'openat',
      operands: [AT_FDCWD, terminated('/proc/self/oom_score_adj'), O_WRONLY],
    },
    write(firstFree, '1000'),
    { call: 'close', operands: [firstFree] },
    ...(user === undefined ? [] : becoming(user)),
    // What is lower already stays so.
    resourceLimit(RLIMIT_CORE, 0),
    ...(limits.fileSize === Infinity ? [] : [resourceLimit(RLIMIT_FSIZE, limits.fileSize)]),
    ...(limits.processes === Infinity ? [] : [resourceLimit(RLIMIT_NPROC, limits.processes)]),
    ...execution(command, environment),
  ];
}

/** Gives all rights up, and becomes another user and group. */
function becoming(user: number): Step[] {
  const header = Buffer.alloc(8);
  header.writeUInt32LE(capabilityVersion);
  const otherwise = `cannot switch to user ${user}`;
  return [
    // Those that this kernel has not are refused, and the others as well where this one right is missing.
    ...Array.from(
      { length: capabilities },
      (_, number): Step => ({ call: 'prctl', operands: [PR_CAPBSET_DROP, number, 0, 0] }),
    ),
    { call: 'setgroups', operands: [0, 0], otherwise },
    { call: 'setresgid', operands: [user, user, user], otherwise },
    { call: 'setresuid', operands: [user, user, user], otherwise },
    { call: 'capset', operands: [header, Buffer.alloc(24)], otherwise: 'capabilities cannot be given up' },
  ];
}

function write(descriptor: number, text: string): Step {
  const bytes = Buffer.from(text);
  return { call: 'write', operands: [descriptor, bytes, bytes.length] };
}

function resourceLimit(resource: number, value: number): Step {
  const bytes = Buffer.alloc(16);
  for (const place of [0, 8]) bytes.writeBigUInt64LE(BigInt(value), place);
  return { call: 'prlimit64', operands: [0, resource, bytes, 0] };
}

/** Runs the first program of that name: as a shell looks it up, but that nothing is ever handed to a shell. */
function execution(command: readonly string[], environment: Entry['environment']): Step[] {
  const [program = ''] = command;
  const paths = program.includes('/')
    ? [program]
    : (environment.PATH ?? '').split(':').map((directory) => `${directory}/${program}`);
  const variables = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
  return [
    ...paths.map(
      (path): Step => ({
        call: 'execve',
        operands: [terminated(path), command, variables],
        only: ENOEXEC,
        otherwise: `${path}${noProgramHere}`,
      }),
    ),
    // Always refused.
    { call: 'close', operands: [-1], otherwise: `${noProgram}${program}` },
  ];
}
