import { findProgram } from './find-program.js';
import type { SandboxCommand } from './sandbox-command.js';
import { sandboxEnvironment } from './sandbox-environment.js';

/**
 * What runs in the container, for `sh -c`: the command that its arguments are, without input, until that ends or the
 * input of the container does. Podman keeps a container up whatever becomes of who asked for it, but passes the end of
 * its input on; and with this shell, its first process, all of the container ends.
 */
const untilInputEnds = [
  'command -v -- "$1" > /dev/null || { echo "Error: executable file $1 not found" >&2; exit 127; }',
  'exec 3<&0 < /dev/null',
  '"$@" 3<&- &',
  'command=$!',
  '{ read -r _ <&3; kill -KILL $command; } 2> /dev/null &',
  'wait $command 2> /dev/null',
].join('\n');

/**
 * The podman command line, for machines that do not let bubblewrap make namespaces. The root gets an overlay,
 * so that mount points can be made in it. The container lives as long as its input is held open.
 */
export function podmanCommand(command: SandboxCommand, name?: string): string[] {
  const words = [
    ...['podman', 'run', '--rm', '--interactive', ...(name === undefined ? [] : ['--name', name])],
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
  words.push('--workdir', command.directory, '--rootfs', `${command.root}:O`);
  words.push('sh', '-c', untilInputEnds, 'sh');
  return [...words, ...command.command];
}

/** The command line that ends a container, which outlives a podman that is killed. */
export function podmanStop(name: string): string[] {
  return ['podman', 'rm', '--force', '--time', '0', name];
}

/** One field of a mount, which podman reads as a line of comma-separated values. */
function field(text: string): string {
  return /[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
