import { randomBytes } from 'node:crypto';
import { findProgram } from './find-program.js';
import type { HostCommand, SandboxCommand } from './sandbox.js';
import { sandboxEnvironment } from './sandbox-environment.js';

/**
 * The podman command line, for machines that do not let bubblewrap make namespaces. The root gets an overlay,
 * so that mount points can be made in it. A container outlives a podman that was killed: hence its name.
 */
export function podmanCommand(command: SandboxCommand): HostCommand {
  const name = `bunny-${process.pid}-${randomBytes(6).toString('hex')}`;
  const words = [
    ...['podman', 'run', '--rm', '--name', name],
    // crun refuses machines that mix both versions of cgroups; runc takes all of them.
    ...(findProgram('runc') === undefined ? [] : ['--runtime', 'runc']),
    // What podman asks for by default is more than a root without CAP_SYS_RESOURCE may give.
    ...['--ulimit', 'nofile=1024:1024', '--ulimit', 'nproc=4096:4096'],
    ...['--network', 'none', '--no-hosts', '--log-driver', 'none', '--read-only'],
    ...['--cap-drop', 'all', '--security-opt', 'no-new-privileges', '--unsetenv-all'],
  ];
  for (const [key, value] of Object.entries({ ...sandboxEnvironment, ...command.environment })) {
    words.push('--env', `${key}=${value}`);
  }
  for (const { from, to, writable } of command.binds) {
    words.push(
      '--mount',
      `type=bind,${field(`source=${from}`)},${field(`destination=${to}`)},readonly=${!writable}`,
    );
  }
  words.push('--workdir', command.directory, '--rootfs', `${command.root}:O`, ...command.command);
  return { words, stop: ['podman', 'rm', '--force', '--time', '0', name] };
}

/** One field of a mount, which podman reads as a line of comma-separated values. */
function field(text: string): string {
  return /[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
