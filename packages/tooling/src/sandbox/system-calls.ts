/** Processors whose Linux can make a sandbox. */
export type Machine = 'amd64' | 'arm64';

/** Numbers of the system calls that the first program of a sandbox makes. */
export const entryCalls = {
  amd64: {
    write: 1,
    close: 3,
    execve: 59,
    fcntl: 72,
    setgroups: 116,
    setresuid: 117,
    setresgid: 119,
    capset: 126,
    prctl: 157,
    exit_group: 231,
    openat: 257,
    prlimit64: 302,
    close_range: 436,
  },
  arm64: {
    fcntl: 25,
    openat: 56,
    close: 57,
    write: 64,
    capset: 91,
    exit_group: 94,
    setresuid: 147,
    setresgid: 149,
    setgroups: 159,
    prctl: 167,
    execve: 221,
    prlimit64: 261,
    close_range: 436,
  },
} as const;

export type EntryCall = keyof (typeof entryCalls)['amd64'];

/** System calls that a sandbox is refused. */
export type RefusedCall =
  | 'clone'
  | 'unshare'
  | 'clone3'
  | 'add_key'
  | 'request_key'
  | 'keyctl'
  | 'bpf'
  | 'perf_event_open'
  | 'userfaultfd'
  | 'io_uring_setup';

/** One way of calling the kernel: a processor may have several. */
export interface Abi {
  /** AUDIT_ARCH_…, as the kernel tells it to a filter. */
  audit: number;
  /** Numbers from here on are of a further way that shares this one's `audit`. */
  otherFrom?: number | undefined;
  calls: Readonly<Record<RefusedCall, number>>;
}

/** The ways to call each machine's kernel, the machine's own first. */
export const abis: Readonly<Record<Machine, readonly Abi[]>> = {
  amd64: [
    {
      audit: 0xc000003e,
      // x32: 64-bit registers with 32-bit pointers.
      otherFrom: 0x40000000,
      calls: {
        clone: 56,
        unshare: 272,
        clone3: 435,
        add_key: 248,
        request_key: 249,
        keyctl: 250,
        bpf: 321,
        perf_event_open: 298,
        userfaultfd: 323,
        io_uring_setup: 425,
      },
    },
    {
      // i386
      audit: 0x40000003,
      calls: {
        clone: 120,
        unshare: 310,
        clone3: 435,
        add_key: 286,
        request_key: 287,
        keyctl: 288,
        bpf: 357,
        perf_event_open: 336,
        userfaultfd: 374,
        io_uring_setup: 425,
      },
    },
  ],
  arm64: [
    {
      audit: 0xc00000b7,
      calls: {
        clone: 220,
        unshare: 97,
        clone3: 435,
        add_key: 217,
        request_key: 218,
        keyctl: 219,
        bpf: 280,
        perf_event_open: 241,
        userfaultfd: 282,
        io_uring_setup: 425,
      },
    },
    {
      // 32-bit Arm
      audit: 0x40000028,
      calls: {
        clone: 120,
        unshare: 337,
        clone3: 435,
        add_key: 309,
        request_key: 310,
        keyctl: 311,
        bpf: 386,
        perf_event_open: 364,
        userfaultfd: 388,
        io_uring_setup: 425,
      },
    },
  ],
};

/** This machine. `undefined` where Bunny knows no numbers of its kernel. */
export function thisMachine(): Machine | undefined {
  if (process.arch === 'x64') return 'amd64';
  return process.arch === 'arm64' ? 'arm64' : undefined;
}
