import { type Abi, abis, type Machine, type RefusedCall } from './system-calls.js';

// Instructions of classic BPF (linux/bpf_common.h): class | size or operation | mode or source.
const loadWord = 0x20;
const jumpIfEqual = 0x15;
const jumpIfAtLeast = 0x35;
const jumpIfAnyBit = 0x45;
const answer = 0x06;

// Answers (linux/seccomp.h).
const allow = 0x7fff0000;
const killProcess = 0x80000000;
const failWith = 0x00050000;

export const EPERM = 1;
export const ENOSYS = 38;

// Where the kernel puts what it tells (struct seccomp_data).
const callNumber = 0;
const auditArchitecture = 4;
/** The lower half of the first argument: both machines are little endian. */
const firstArgument = 16;

export const CLONE_NEWUSER = 0x10000000;

/** What is refused, and how. */
export const refusals = {
  /**
   * As if the kernel had them not: `clone3`, whose flags are in memory, where no filter can look (programs then use
   * `clone`), and large parts of the kernel that no compiler needs, as they are not for those whom nobody knows.
   */
  absent: ['clone3', 'bpf', 'perf_event_open', 'userfaultfd', 'io_uring_setup'],
  /** Keys of the kernel belong to a user or a session, which may be the caller's. */
  forbidden: ['add_key', 'request_key', 'keyctl'],
  /** With flags that ask for a user namespace. */
  namespaces: ['clone', 'unshare'],
} as const satisfies Readonly<Record<string, readonly RefusedCall[]>>;

type Instruction = readonly [code: number, value: number, ifTrue?: number, ifFalse?: number];

/**
 * A seccomp filter, as `bwrap --seccomp` reads it: no user namespace can be made, which would give back what the sandbox
 * took, in any of the ways in which a program may call this kernel; no key of the kernel is used, nor some of its large
 * parts. Everything else is allowed: what a compiler needs is not for Bunny to know.
 */
export function callFilter(machine: Machine): Uint8Array {
  const program: Instruction[] = [[loadWord, auditArchitecture]];
  for (const abi of abis[machine]) {
    const rules = rulesOf(abi);
    program.push([jumpIfEqual, abi.audit, 0, rules.length]);
    for (const rule of rules) program.push(rule);
  }
  program.push([answer, killProcess]);
  const bytes = Buffer.alloc(program.length * 8);
  for (const [index, [code, value, ifTrue = 0, ifFalse = 0]] of program.entries()) {
    bytes.writeUInt16LE(code, index * 8);
    bytes.writeUInt8(ifTrue, index * 8 + 2);
    bytes.writeUInt8(ifFalse, index * 8 + 3);
    bytes.writeUInt32LE(value >>> 0, index * 8 + 4);
  }
  return bytes;
}

function rulesOf({ calls, otherFrom }: Abi): Instruction[] {
  const rules: Instruction[] = [[loadWord, callNumber]];
  const fail = (error: number): Instruction => [answer, failWith | error];
  if (otherFrom !== undefined) rules.push([jumpIfAtLeast, otherFrom, 0, 1], fail(ENOSYS));
  for (const call of refusals.absent) rules.push([jumpIfEqual, calls[call], 0, 1], fail(ENOSYS));
  for (const call of refusals.forbidden) rules.push([jumpIfEqual, calls[call], 0, 1], fail(EPERM));
  rules.push(
    [jumpIfEqual, calls.clone, 1, 0],
    [jumpIfEqual, calls.unshare, 0, 3],
    [loadWord, firstArgument],
    [jumpIfAnyBit, CLONE_NEWUSER, 0, 1],
    fail(EPERM),
    [answer, allow],
  );
  return rules;
}
