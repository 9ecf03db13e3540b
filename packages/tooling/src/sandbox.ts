import { randomBytes } from 'node:crypto';
import { BunnyError, exitStatus } from '@bunny/spec';
import { type ProcessResult, runProcess } from './run-process.js';
import { bubblewrapCommand } from './sandbox-bubblewrap.js';
import type { SandboxCommand } from './sandbox-command.js';
import { podmanCommand, podmanStop } from './sandbox-podman.js';

export interface SandboxRunOptions {
  /** Ends the command and all that it has started. */
  signal?: AbortSignal;
  /** Milliseconds. */
  timeout?: number;
  /** Called with each line of output as it comes, without its line break. */
  onLine?: (line: string, stream: 'stdout' | 'stderr') => void;
}

/** A program that can make the sandbox. */
export interface SandboxDriver {
  name: string;
  /** Debian package that holds it. */
  package: string;
  /**
   * The command line on the host that runs a command in a sandbox; `name` is for `stopCommand`. Runs nothing;
   * looks at the entries of the root, and for programs on the PATH.
   */
  hostCommand(command: SandboxCommand, name?: string): string[];
  /** What it runs goes on when this process is killed, but for the end of its input. */
  endsWithInput?: boolean;
  /** The command line that ends the sandbox of this name, where killing the other is not enough. */
  stopCommand?(name: string): string[];
  /** Statuses with which it says that it could not start the command. */
  refusals: readonly number[];
  /** The line of its error output that says why, without its prefix. */
  reason: RegExp;
  /** Of such a line: that the root has no such program. */
  noProgram: RegExp;
}

const drivers: readonly SandboxDriver[] = [
  {
    name: 'bwrap',
    package: 'bubblewrap',
    hostCommand: bubblewrapCommand,
    refusals: [1],
    reason: /^bwrap: (.*)$/m,
    noProgram: /^execvp /,
  },
  {
    name: 'podman',
    package: 'podman',
    hostCommand: podmanCommand,
    endsWithInput: true,
    stopCommand: podmanStop,
    refusals: [125, 126, 127],
    reason: /^Error: (.*)$/m,
    noProgram: /executable file .*not found/,
  },
];

/**
 * Runs a command in a root filesystem with no network, no file of the host but the binds, an environment of
 * its own, no privilege, and no life beyond this process. A status other than 0 is not an error here.
 * Throws BunnyError BUNNY_ESANDBOX where the sandbox cannot be made or the root lacks the program,
 * BUNNY_ETIMEOUT, BUNNY_ECANCELLED.
 */
export async function runInSandbox(
  command: SandboxCommand,
  options: SandboxRunOptions = {},
): Promise<ProcessResult> {
  const driver = sandboxDriver();
  const name = `bunny-${process.pid}-${randomBytes(6).toString('hex')}`;
  const [program = driver.name, ...words] = driver.hostCommand(command, name);
  const missing = () => missingDriver(driver);
  const stop = driver.stopCommand?.(name);
  const result = await runProcess(program, words, {
    ...options,
    missing,
    holdInput: driver.endsWithInput ?? false,
    ...(stop === undefined ? {} : { stop: () => runProcess(program, stop.slice(1), { missing }) }),
  });
  if (driver.refusals.includes(result.status)) refuseFailedSandbox(driver, command, result.stderr);
  return result;
}

/** The driver called `name`, by default what BUNNY_SANDBOX says, else bubblewrap. Throws BUNNY_ESANDBOX. */
export function sandboxDriver(name: string = process.env.BUNNY_SANDBOX || 'bwrap'): SandboxDriver {
  const driver = drivers.find((each) => each.name === name);
  if (driver !== undefined) return driver;
  throw new BunnyError('BUNNY_ESANDBOX', `there is no sandbox ${JSON.stringify(name)}`, {
    where: 'BUNNY_SANDBOX',
    hint: `set it to one of: ${drivers.map((each) => each.name).join(', ')}`,
    exitStatus: exitStatus.usage,
  });
}

function refuseFailedSandbox(driver: SandboxDriver, command: SandboxCommand, stderr: string): void {
  const reason = driver.reason.exec(stderr)?.[1];
  if (reason === undefined) return;
  if (driver.noProgram.test(reason)) throw missingProgram(command.command[0] ?? '', command.root, reason);
  throw new BunnyError('BUNNY_ESANDBOX', `${driver.name} cannot make the sandbox: ${reason}`, {
    where: command.root,
    hint: 'allow user namespaces on this machine, or choose another sandbox: BUNNY_SANDBOX=podman',
    exitStatus: exitStatus.unsatisfiable,
  });
}

/** The error for a tooling root without a program that Bunny runs in it. */
export function missingProgram(program: string, root: string, reason: string): BunnyError {
  return new BunnyError('BUNNY_ESANDBOX', `the tooling root has no program ${program}`, {
    where: root,
    hint: 'add it to the root filesystem of the tooling layer',
    exitStatus: exitStatus.unsatisfiable,
    details: [reason],
  });
}

function missingDriver(driver: SandboxDriver): BunnyError {
  return new BunnyError('BUNNY_ESANDBOX', `${driver.name} is not installed`, {
    where: 'PATH',
    hint: `install it: apt-get install ${driver.package}`,
    exitStatus: exitStatus.unsatisfiable,
  });
}
