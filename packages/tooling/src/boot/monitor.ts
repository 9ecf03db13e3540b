import { resolve } from 'node:path';
import { BunnyError, exitStatus, type Monitor, shellLine } from 'bunny-libos-spec';
import { type MonitorInput, monitorTakes } from '../rules/monitor-takes.js';
import { type BootInputs, monitorCommand, type TargetRules } from '../rules/rules.js';
import { bindWords, bubblewrapProcess, bubblewrapRefusal, refusedCommand } from '../sandbox/bubblewrap.js';
import type { DriverRequest } from '../sandbox/driver.js';
import { findProgram } from '../sandbox/find-program.js';
import { Guard } from '../sandbox/guard.js';
import { type HostProcess, startHostProcess } from '../sandbox/host-process.js';
import { type Limits, readLimits } from '../sandbox/limits.js';
import { refusalHint } from '../sandbox/refusal-hint.js';
import { statusOf, watchEnd } from '../sandbox/run-process.js';
import { Scratch } from '../sandbox/scratch.js';
import { sandboxUser } from '../sandbox/user.js';
import { requireProgram } from './monitor-image.js';
import { canBeShown, monitorView } from './monitor-view.js';

export interface BootOptions {
  /** Ends the monitor. */
  signal?: AbortSignal | undefined;
  /** Milliseconds. */
  timeout?: number | undefined;
  /** Called with what the image prints on its console. */
  onConsole?: ((bytes: Uint8Array) => void) | undefined;
  /** Called with what the monitor itself says. */
  onDiagnostics?: ((bytes: Uint8Array) => void) | undefined;
  /** Passes the input of this process on to the console. */
  input?: boolean | undefined;
  /** What the monitor may use up, time aside; those of `readLimits` where left out. */
  limits?: Limits | undefined;
  /** Directories of the machine that the monitor may read beside those of the system. */
  directories?: readonly string[] | undefined;
}

/** Where things are inside the sandbox. */
const imageInside = '/tmp/bunny/image';
const rootfsInside = '/tmp/bunny/rootfs';
const filesInside = '/tmp/bunny/files';
/** PATH of a monitor: the caller's tells of directories that it does not see. */
const pathInside = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Characters of the monitor's own words that are kept for an error. */
const mostDiagnostics = 4096;

/**
 * Boots an image as the rules of its target say and gives the exit status of the app. Paths of `inputs` are those of the
 * host. The monitor is a command that a registry chose: it runs in a sandbox, whatever makes that of compilers, in which
 * it sees what `monitorView` gives, the image and its root file system, read-only, and has no network and no privilege.
 * Throws BunnyError BUNNY_EMONITOR where there is no monitor, where it takes less than it is to be given, where the image
 * is to be run by this machine and is for another, or where it ends in another way than the app ending; BUNNY_ESANDBOX,
 * BUNNY_ERESOURCE, BUNNY_ETIMEOUT, BUNNY_ECANCELLED; all with exit status 1.
 */
export async function bootImage(
  rules: TargetRules,
  inputs: BootInputs,
  options: BootOptions = {},
): Promise<number> {
  const { monitor } = rules.target;
  requireTaken(rules, inputs);
  // Machines run for ever; that of time is for those who build.
  const limits = { ...(options.limits ?? readLimits()), time: Infinity };
  const guard = new Guard(limits, []);
  const scratch = new Scratch();
  try {
    const { host, monitor: words } = bootProcess(rules, inputs, options.directories ?? [], {
      limits,
      group: guard.group,
      scratch: scratch.directory,
    });
    let report = '';
    const child = startHostProcess(host, {
      input: options.input ? 'inherit' : 'ignore',
      onReport: (text) => {
        report += text;
      },
    });
    if (child.pid !== undefined) guard.started(child.pid);
    const watch = watchEnd(child, { ...options, signal: guard.signal(options.signal) });
    let diagnostics = '';
    child.stdout.on('data', (bytes: Buffer) => options.onConsole?.(bytes));
    child.stderr.on('data', (bytes: Buffer) => {
      diagnostics = (diagnostics + bytes.toString()).slice(-mostDiagnostics);
      options.onDiagnostics?.(bytes);
    });
    try {
      const code = await statusOf(child, missingSandbox);
      watch.check(inputs.image);
      const reason = bubblewrapRefusal({ status: code, stderr: diagnostics, report });
      if (reason !== undefined)
        throw refusedCommand.test(reason)
          ? failedStart(reason, words, inputs.image)
          : failedSandbox(reason, inputs.image);
      return appStatus(monitor, code, words, diagnostics);
    } finally {
      await watch.end();
    }
  } finally {
    scratch.remove();
    await guard.ended('', inputs.image, exitStatus.unsatisfiable);
  }
}

/** The process that boots an image, and the words of it that are the monitor's. */
function bootProcess(
  rules: TargetRules,
  inputs: BootInputs,
  directories: readonly string[],
  run: Pick<DriverRequest, 'limits' | 'group' | 'scratch'>,
): { host: HostProcess; monitor: string[] } {
  if (findProgram('bwrap') === undefined) throw missingSandbox();
  const { rootfs, ...others } = inputs;
  const named = [...(rules.files ?? [])];
  const inside = new Map(named.map(([name]) => [name, `${filesInside}/${name}`]));
  const [program = '', ...words] = monitorCommand(
    { ...rules, files: inside },
    {
      ...others,
      image: imageInside,
      rootfs: rootfs === undefined ? undefined : rootfsInside,
    },
  );
  const isImage = program === imageInside;
  if (isImage) requireProgram(inputs.image);
  const found = isImage ? program : monitorProgram(program, rules.target.monitor);
  const { system, further, devices } = monitorView(isImage ? undefined : found, directories);
  const monitor = [found, ...words];
  const given = [
    { from: resolve(inputs.image), to: imageInside, mayBePrivate: true },
    ...(rootfs === undefined ? [] : [{ from: resolve(rootfs), to: rootfsInside, mayBePrivate: true }]),
    ...named.map(([name, from]) => ({ from, to: `${filesInside}/${name}` })),
  ];
  const host = bubblewrapProcess({
    view: system,
    further: [...bindWords([...further, ...given], run.scratch), ...devices],
    directory: '/tmp',
    command: monitor,
    environment: { PATH: pathInside, LC_ALL: 'C' },
    ...run,
  });
  return { host, monitor };
}

function monitorProgram(program: string, monitor: Monitor): string {
  const found = findProgram(program);
  if (found === undefined || !canBeShown(found)) throw missingMonitor(program, monitor);
  return found;
}

/** What a monitor is not told is lost, and the app does something else. */
function requireTaken({ target, variables, where }: TargetRules, inputs: BootInputs): void {
  const given: Readonly<Record<MonitorInput, boolean>> = {
    arguments: inputs.arguments.length > 0,
    rootfs: inputs.rootfs !== undefined,
    memory: inputs.memory !== undefined,
  };
  for (const [input, isGiven] of Object.entries(given) as [MonitorInput, boolean][]) {
    if (!isGiven || monitorTakes(target.monitor, input, variables, where)) continue;
    const { what, hint } = untold[input];
    throw new BunnyError(
      'BUNNY_EMONITOR',
      `the monitor of ${target.arch}/${target.platform} takes no ${what}`,
      {
        where,
        hint,
        exitStatus: exitStatus.unsatisfiable,
      },
    );
  }
}

const untold: Readonly<Record<MonitorInput, { what: string; hint: string }>> = {
  arguments: {
    what: 'arguments for the app',
    hint: 'leave out the words after --, and cmd and entrypoint of the Bunnyfile, or choose another target',
  },
  rootfs: { what: 'root file system', hint: 'leave rootfs out of the Bunnyfile, or choose another target' },
  memory: { what: 'size of memory', hint: 'leave --memory out' },
};

/** The app's status by the rules of the monitor: (code - offset) / factor, a whole number from 0 to 255. */
function appStatus(monitor: Monitor, code: number, words: readonly string[], diagnostics: string): number {
  const status = (code - monitor.exit.offset) / monitor.exit.factor;
  if (Number.isInteger(status) && status >= 0 && status <= 255) return status;
  throw new BunnyError('BUNNY_EMONITOR', `the monitor ended with status ${code}, which no app gives`, {
    where: shellLine(words),
    hint: 'read what it printed: the image may have crashed, or the monitor may not take it',
    exitStatus: exitStatus.unsatisfiable,
    details: diagnostics.split('\n').filter((line) => line !== ''),
  });
}

/** What is looked at beforehand does not tell of an interpreter or a loader. */
function failedStart(reason: string, [program = '']: readonly string[], image: string): BunnyError {
  const what = program === imageInside ? 'the image' : program;
  return new BunnyError('BUNNY_EMONITOR', `${what} cannot be run as a program: ${reason}`, {
    where: program === imageInside ? image : 'PATH',
    hint: 'its interpreter or loader may be missing, or in a directory that --monitor-dir names',
    exitStatus: exitStatus.unsatisfiable,
  });
}

function failedSandbox(reason: string, where: string): BunnyError {
  return new BunnyError('BUNNY_ESANDBOX', `the sandbox of the monitor cannot be made: ${reason}`, {
    where,
    hint: refusalHint(reason, sandboxUser().isReal).replace(/;[^;]*BUNNY_SANDBOX=podman$/, ''),
    exitStatus: exitStatus.unsatisfiable,
  });
}

function missingSandbox(): BunnyError {
  return new BunnyError('BUNNY_ESANDBOX', 'bwrap is not installed, and a monitor runs in its sandbox only', {
    where: 'PATH',
    hint: 'install it: apt-get install bubblewrap; BUNNY_SANDBOX is for compilers',
    exitStatus: exitStatus.unsatisfiable,
  });
}

function missingMonitor(program: string, monitor: Monitor): BunnyError {
  return new BunnyError('BUNNY_EMONITOR', `${program} is not installed`, {
    where: 'PATH',
    hint:
      monitor.package === undefined ? `install ${program}` : `install it: apt-get install ${monitor.package}`,
    exitStatus: exitStatus.unsatisfiable,
  });
}
