import { lockedBases } from 'bunny-libos-namespace';
import { type ResolveOptions, readLockFile, readMergedLockFile } from 'bunny-libos-resolver';
import { normaliseArchitecture } from 'bunny-libos-spec';
import type { Use } from './use.js';
import { type BaseFlags, openStore, type Project } from './workspace.js';

/** Flags of commands that bring the lock up to date. */
export interface LockFlags extends BaseFlags {
  file?: string | undefined;
  arch?: string[] | undefined;
  platform?: string[] | undefined;
  frozen?: boolean | undefined;
  offline?: boolean | undefined;
  /** Write nothing beside the Bunnyfile. */
  dryRun?: boolean | undefined;
  strategy?: 'highest' | 'lowest' | undefined;
  /** What the Bunnyfile asks for by name may become older. */
  allowDowngrade?: boolean | undefined;
}

/** What resolving a project takes, as the flags say it. Where nobody names a registry, those of the lock are meant. */
export async function resolveOptions(
  project: Project,
  { flags, signal }: Pick<Use<LockFlags>, 'flags' | 'signal'>,
): Promise<ResolveOptions> {
  const { frozen, offline, strategy, allowDowngrade, arch, platform } = flags;
  const previous = await (frozen ? readLockFile : readMergedLockFile)(project.lockFile, { noLink: true });
  if (previous !== undefined) project.bases = project.bases.orElse(lockedBases(previous));
  return {
    bunnyfile: project.document,
    file: project.file,
    lockFile: project.lockFile,
    previous,
    bases: project.bases,
    store: await openStore(),
    filter: {
      ...(arch === undefined ? {} : { arch: arch.map(normaliseArchitecture) }),
      ...(platform === undefined ? {} : { platform }),
    },
    ...(frozen === undefined ? {} : { frozen }),
    ...(offline === undefined ? {} : { offline }),
    ...(strategy === undefined ? {} : { strategy }),
    ...(allowDowngrade === undefined ? {} : { allowDowngrade }),
    implied: async (rules) => {
      const { impliedComponents } = await import('bunny-libos-builder');
      const { document, directory } = project;
      const { app } = document.value;
      return app === undefined ? {} : impliedComponents(app, rules, directory, document.at);
    },
    signal,
  };
}
