import { randomBytes } from 'node:crypto';
import { BunnyError, exitStatus } from 'bunny-libos-spec';
import { bubblewrapRefusal, missingDriver, sandboxProcess } from './bubblewrap.js';
import type { SandboxCommand } from './command.js';
import type { DriverRequest, SandboxDriver } from './driver.js';
import { noProgram } from './entry-steps.js';
import { giveDirectory } from './give-directory.js';
import { Guard } from './guard.js';
import { type Limits, readLimits } from './limits.js';
import { podmanInside, podmanProcess, podmanRefusal, podmanStop } from './podman.js';
import { refusalHint } from './refusal-hint.js';
import { type ProcessResult, runProcess } from './run-process.js';
import { Scratch } from './scratch.js';
import { sandboxUser } from './user.js';

export interface SandboxRunOptions {
  /** Ends the command and all that it has started. */
  signal?: AbortSignal | undefined;
  /** Milliseconds. */
  timeout?: number | undefined;
  /** Those of `readLimits` where left out. */
  limits?: Limits | undefined;
  /** Called with each line of output as it comes, without its line break. */
  onLine?: ((line: string, stream: 'stdout' | 'stderr') => void) | undefined;
}

const drivers: readonly SandboxDriver[] = [
  {
    name: 'bwrap',
    package: 'bubblewrap',
    process: sandboxProcess,
    joinsGroups: true,
    refusal: bubblewrapRefusal,
    noProgram: new RegExp(`^${noProgram}`),
  },
  {
    name: 'podman',
    package: 'podman',
    process: podmanProcess,
    inside: podmanInside,
    endsWithInput: true,
    stop: podmanStop,
    refusal: podmanRefusal,
    noProgram: /executable file .*not found/,
  },
];

/**
 * Runs a command in a root filesystem with no network, no file of the host but the binds, an environment of
 * its own, no privilege, no more of the machine than `limits`, and no life beyond this process. What it may write belongs
 * to `sandboxUser` afterwards. A status other than 0 is not an error here.
 * Throws BunnyError BUNNY_ESANDBOX where the sandbox cannot be made or the root lacks the program, BUNNY_ERESOURCE where
 * it goes over a limit, BUNNY_ETIMEOUT, BUNNY_ECANCELLED.
 */
export async function runInSandbox(
  command: SandboxCommand,
  { limits = readLimits(), signal, ...options }: SandboxRunOptions = {},
): Promise<ProcessResult> {
  const driver = sandboxDriver();
  const user = sandboxUser();
  const writable = command.binds.filter((bind) => bind.writable).map(({ from }) => from);
  if (user.isReal) for (const directory of writable) giveDirectory(directory, user.id);
  const name = `bunny-${process.pid}-${randomBytes(6).toString('hex')}`;
  const missing = () => missingDriver(driver.name, driver.package);
  const stop = driver.stop?.(name);
  const guard = new Guard(limits, writable, driver.joinsGroups ?? false);
  const where = writable[0] ?? command.root;
  const scratch = new Scratch();
  const request: DriverRequest = { command, limits, group: guard.group, name, scratch: scratch.directory };
  const inside = driver.inside === undefined ? undefined : () => driver.inside?.(request);
  let words = '';
  let report = '';
  try {
    const host = driver.process(request);
    const result = await runProcess(host.program, host.words, {
      ...options,
      signal: guard.signal(signal),
      environment: host.environment,
      inputs: host.inputs,
      onReport: (text) => {
        report += text;
      },
      onStart: (starter) => guard.started(starter, inside),
      missing,
      holdInput: driver.endsWithInput ?? false,
      stop: stop === undefined ? undefined : () => runProcess(stop[0] ?? '', stop.slice(1), { missing }),
    });
    if (result.status !== 0) words = result.stdout + result.stderr;
    const reason = driver.refusal({ ...result, report });
    if (reason !== undefined) throw failedSandbox(driver, command, reason);
    return result;
  } finally {
    // Its error comes before that of a process that was ended.
    scratch.remove();
    await guard.ended(words, where);
  }
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

function failedSandbox(driver: SandboxDriver, command: SandboxCommand, reason: string): BunnyError {
  if (driver.noProgram.test(reason)) return missingProgram(command.command[0] ?? '', command.root, reason);
  return new BunnyError('BUNNY_ESANDBOX', `${driver.name} cannot make the sandbox: ${reason}`, {
    where: command.root,
    hint:
      driver.name === 'bwrap'
        ? refusalHint(reason, sandboxUser().isReal)
        : 'make sure that podman can run a container here, or choose the other sandbox: BUNNY_SANDBOX=bwrap',
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
