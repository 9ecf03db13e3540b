/** Exit statuses of the command line (design, section 8). */
export const exitStatus = {
  done: 0,
  unsatisfiable: 1,
  usage: 2,
  registry: 3,
  trust: 4,
  buildFailed: 5,
  internal: 70,
  /** As sysexits.h has it (EX_IOERR). */
  fileSystem: 74,
} as const;

export type ExitStatus = (typeof exitStatus)[keyof typeof exitStatus];
