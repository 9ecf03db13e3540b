import { readLockFile, readMergedLockFile, resolve, writeLockFile } from '@bunny/resolver';
import { exitStatus, type LockedTarget, normaliseArchitecture } from '@bunny/spec';
import type { CommonFlags, Run } from '../program.js';
import { count, formatSeconds, table } from '../terminal.js';
import { type BaseFlags, openProject, openStore, type Project, shownPath } from '../workspace.js';

export interface ResolveFlags extends CommonFlags, BaseFlags {
  file?: string;
  arch?: string[];
  platform?: string[];
  frozen?: boolean;
  offline?: boolean;
  strategy?: 'highest' | 'lowest';
}

export async function run(context: Run<ResolveFlags>): Promise<number> {
  const { flags, terminal } = context;
  const start = performance.now();
  const project = await openProject(flags.file, flags, terminal);
  const { wanted, changed } = await lockedTargets(project, context);
  for (const target of wanted) {
    terminal.print(`${target.arch}/${target.platform}  tooling ${target.tooling.version}`);
    const rows = target.components.map(({ name, version, options, from }) => [
      `  ${name}`,
      version,
      Object.entries(options)
        .map(([option, value]) => `${option}=${value}`)
        .join(' '),
      from,
    ]);
    terminal.print(table(['  COMPONENT', 'VERSION', 'OPTIONS', 'FROM'], rows));
  }
  const components = wanted.reduce((sum, { components: each }) => sum + each.length, 0);
  terminal.done(
    'Resolved',
    `${count(components, 'component')} for ${count(wanted.length, 'target')} in ${formatSeconds(performance.now() - start)}` +
      (changed ? `, wrote ${shownPath(project.lockFile)}` : `, ${shownPath(project.lockFile)} is up to date`),
  );
  terminal.result({ lock: shownPath(project.lockFile), changed, targets: wanted });
  return exitStatus.done;
}

/** Brings the lock up to date with the Bunnyfile, as far as the flags allow, and gives the targets asked for. */
export async function lockedTargets(
  project: Project,
  { flags, terminal, signal }: Run<ResolveFlags>,
): Promise<{ wanted: readonly LockedTarget[]; changed: boolean }> {
  const { frozen, offline, strategy, arch, platform } = flags;
  terminal.progress('resolving');
  const resolution = await resolve({
    bunnyfile: project.document,
    file: project.file,
    lockFile: project.lockFile,
    previous: await (frozen ? readLockFile : readMergedLockFile)(project.lockFile),
    bases: project.bases,
    store: await openStore(),
    filter: {
      ...(arch === undefined ? {} : { arch: arch.map(normaliseArchitecture) }),
      ...(platform === undefined ? {} : { platform }),
    },
    ...(frozen === undefined ? {} : { frozen }),
    ...(offline === undefined ? {} : { offline }),
    ...(strategy === undefined ? {} : { strategy }),
    signal,
  });
  if (resolution.changed) await writeLockFile(project.lockFile, resolution.lock);
  terminal.clear();
  return resolution;
}
