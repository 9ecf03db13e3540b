import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { BunnyError, exitStatus, type Monitor, shellLine } from '@bunny/spec';
import { findProgram } from './find-program.js';
import { type BootInputs, monitorCommand, type TargetRules } from './rules.js';
import { statusOf, watchEnd } from './run-process.js';
import { isolation } from './sandbox-bubblewrap.js';

export interface BootOptions {
  /** Ends the monitor. */
  signal?: AbortSignal;
  /** Milliseconds. */
  timeout?: number;
  /** Called with what the image prints on its console. */
  onConsole?: (bytes: Uint8Array) => void;
  /** Called with what the monitor itself says. */
  onDiagnostics?: (bytes: Uint8Array) => void;
  /** Passes the input of this process on to the console. */
  input?: boolean;
}

/** Where the image is inside the sandbox. */
const imageInside = '/tmp/bunny/image';

/** Characters of the monitor's own words that are kept for an error. */
const mostDiagnostics = 4096;

/**
 * Boots an image as the rules of its target say and gives the exit status of the app. Paths of `inputs` are
 * those of the host. Where bubblewrap is installed, the monitor sees the host read-only, without its services and
 * environment, and has no network and no privilege.
 * Throws BunnyError BUNNY_EMONITOR where there is no monitor, or where it ends in another way than the app
 * ending; BUNNY_ETIMEOUT, BUNNY_ECANCELLED; all with exit status 1.
 */
export async function bootImage(
  rules: TargetRules,
  inputs: BootInputs,
  options: BootOptions = {},
): Promise<number> {
  const { monitor } = rules.target;
  const words = bootCommand(rules, inputs);
  const [program = '', ...rest] = words;
  const child = spawn(program, rest, { stdio: [options.input ? 'inherit' : 'ignore', 'pipe', 'pipe'] });
  const watch = watchEnd(child, options);
  let diagnostics = '';
  child.stdout.on('data', (bytes: Buffer) => options.onConsole?.(bytes));
  child.stderr.on('data', (bytes: Buffer) => {
    diagnostics = (diagnostics + bytes.toString()).slice(-mostDiagnostics);
    options.onDiagnostics?.(bytes);
  });
  try {
    const code = await statusOf(child, () => missingMonitor(program, monitor));
    watch.check(inputs.image);
    return appStatus(monitor, code, words, diagnostics);
  } finally {
    await watch.end();
  }
}

/**
 * The command line that boots an image, inside bubblewrap where that is installed. Throws BUNNY_EMONITOR where
 * the monitor is not installed.
 */
export function bootCommand(rules: TargetRules, inputs: BootInputs): string[] {
  const sandbox = findProgram('bwrap');
  if (sandbox === undefined) return onHost(rules, inputs);
  const { rootfs, ...others } = inputs;
  const inside = onHost(rules, {
    ...others,
    image: imageInside,
    ...(rootfs === undefined ? {} : { rootfs: '/tmp/bunny/rootfs' }),
  });
  return [
    sandbox,
    ...isolation,
    ...['--clearenv', '--setenv', 'PATH', process.env.PATH ?? '', '--setenv', 'LC_ALL', 'C'],
    ...['--ro-bind', '/', '/', '--proc', '/proc', '--dev', '/dev', '--dev-bind-try', '/dev/kvm', '/dev/kvm'],
    // Sockets of the host's services are in /run, and a read-only mount does not keep one from talking to them.
    ...['--tmpfs', '/run', '--tmpfs', '/tmp', '--ro-bind', resolve(inputs.image), imageInside],
    ...(rootfs === undefined ? [] : ['--ro-bind', resolve(rootfs), '/tmp/bunny/rootfs']),
    ...monitorBind(inside),
    ...['--chdir', '/tmp', '--', ...inside],
  ];
}

/** A monitor that is built by hand may be in /tmp, and PATH may lead through /run (NixOS): these are hidden. */
function monitorBind([program = '']: readonly string[]): string[] {
  const isHidden = /^\/(?:tmp|run)\//.test(program) && program !== imageInside;
  return isHidden ? ['--ro-bind', program, program] : [];
}

function onHost(rules: TargetRules, inputs: BootInputs): string[] {
  const [program = '', ...words] = monitorCommand(rules, inputs);
  if (program === inputs.image) return [program, ...words];
  const found = findProgram(program);
  if (found === undefined) throw missingMonitor(program, rules.target.monitor);
  return [found, ...words];
}

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

function missingMonitor(program: string, monitor: Monitor): BunnyError {
  return new BunnyError('BUNNY_EMONITOR', `${program} is not installed`, {
    where: 'PATH',
    hint:
      monitor.package === undefined ? `install ${program}` : `install it: apt-get install ${monitor.package}`,
    exitStatus: exitStatus.unsatisfiable,
  });
}
