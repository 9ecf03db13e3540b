import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { containerFilter } from './container-filter.js';
import type { DriverRequest, Ended } from './driver.js';
import { sandboxEnvironment } from './environment.js';
import { findProgram } from './find-program.js';
import type { HostProcess } from './host-process.js';
import { sandboxUser } from './user.js';

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

/** Names of the files that podman is given and gives, in a directory for the one run. */
const filterFile = 'seccomp.json';
const processFile = 'process';

/**
 * The podman that runs a command in a root filesystem, for machines that do not let bubblewrap make namespaces. The root
 * gets an overlay, so that mount points can be made in it. The container lives as long as its input is held open.
 */
export function podmanProcess({ command, limits, name, scratch }: DriverRequest): HostProcess {
  writeFileSync(join(scratch(), filterFile), containerFilter());
  const { id, isReal } = sandboxUser();
  const size = limits.tmp === Infinity ? '' : `,tmpfs-size=${limits.tmp}`;
  const words = [
    ...['run', '--rm', '--interactive', '--name', name, '--pidfile', join(scratch(), processFile)],
    // crun refuses machines that mix both versions of cgroups; runc takes all of them.
    ...(findProgram('runc') === undefined ? [] : ['--runtime', 'runc']),
    // As root, containers are root on the host unless told otherwise; of anybody else they are the caller.
    ...(isReal ? ['--user', `${id}:${id}`, '--pids-limit', '-1'] : ['--userns', 'keep-id']),
    // What podman asks for by default is more than a root without CAP_SYS_RESOURCE may give.
    ...['--ulimit', 'nofile=1024:1024', '--ulimit', 'core=0:0'],
    ...(limits.processes === Infinity ? [] : ['--ulimit', `nproc=${limits.processes}:${limits.processes}`]),
    ...(limits.fileSize === Infinity ? [] : ['--ulimit', `fsize=${limits.fileSize}:${limits.fileSize}`]),
    ...['--network', 'none', '--no-hosts', '--log-driver', 'none', '--read-only', '--read-only-tmpfs=false'],
    ...['--mount', `type=tmpfs,destination=/tmp,tmpfs-mode=1777,notmpcopyup${size}`],
    ...(limits.tmp === Infinity ? [] : ['--shm-size', String(limits.tmp)]),
    ...['--cap-drop', 'all', '--security-opt', 'no-new-privileges'],
    ...['--security-opt', `seccomp=${join(scratch(), filterFile)}`, '--unsetenv-all'],
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
  return { program: 'podman', words: [...words, ...command.command], environment: process.env };
}

/** Why podman, or the shell in the container, could not start the command. It has no other way to say so. */
export function podmanRefusal({ status, stderr }: Ended): string | undefined {
  return [125, 126, 127].includes(status) ? /^Error: (.*)$/m.exec(stderr)?.[1] : undefined;
}

/** The first process of a container, once there is one. */
export function podmanInside({ scratch }: Pick<DriverRequest, 'scratch'>): number | undefined {
  try {
    return Number(readFileSync(join(scratch(), processFile), 'utf8')) || undefined;
  } catch {
    return undefined;
  }
}

/** The command line that ends a container, which outlives a podman that is killed. */
export function podmanStop(name: string): string[] {
  return ['podman', 'rm', '--force', '--time', '0', name];
}

/** One field of a mount, which podman reads as a line of comma-separated values. */
function field(text: string): string {
  return /[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
