import { lstatSync } from 'node:fs';
import { join, posix } from 'node:path';
import type { Document } from 'bunny-libos-spec';
import { sizeLimits } from 'bunny-libos-tooling';
import type { PreparedBuild } from '../plan/prepare.js';
import { sandbox } from '../plan/sandbox-paths.js';
import type { WorkDirectory } from '../run/work-directory.js';
import type { RootfsContent } from './content.js';
import { joinEntries, type RootfsEntry } from './initrd.js';

/**
 * The root file system with what the components of the closure bring to it. Undefined where nobody has anything for it.
 * Throws BUNNY_EROOTFS where two make one path.
 */
export function withComponents(
  rootfs: RootfsContent,
  { closure, plan, rules }: PreparedBuild,
  { at }: Pick<Document<unknown>, 'at'>,
  directory: string,
): RootfsContent {
  if (rootfs !== undefined && 'path' in rootfs) return rootfs;
  // Where no root file system is taken, what a component has for one is of no use.
  const origins = rules.target.rootfs === undefined ? [] : closure.filter(({ root }) => root.length > 0);
  if (origins.length === 0)
    return (
      rootfs ??
      (plan.app === undefined && plan.afterRootfs === undefined ? undefined : { directory, entries: [] })
    );
  const entries = joinEntries([
    ...origins.map(({ component, directory: layer, root }) => ({
      where: `${component.name} ${component.version}`,
      entries: root.map((path) => layerEntry(layer, path)),
    })),
    { where: at(['rootfs']), entries: rootfs?.entries ?? [] },
  ]);
  return { directory, entries };
}

/** An unpacked layer is what its digest says: times tell nothing of it. */
function layerEntry(layer: string, path: string): RootfsEntry {
  const { size, mode } = lstatSync(join(layer, path));
  return {
    path: path.slice('root/'.length),
    kind: 'file',
    executable: (mode & 0o111) !== 0,
    size,
    changed: 0,
    source: path,
    directory: layer,
  };
}

/** The same with the linked app in it, where that is a program of the root. Throws as `withComponents`, and as `WorkPlace.file`. */
export function withApp(rootfs: RootfsContent, { plan }: PreparedBuild, work: WorkDirectory): RootfsContent {
  if (plan.app === undefined || rootfs === undefined || 'path' in rootfs) return rootfs;
  const file = work.file(plan.app.path, sizeLimits.rootfs);
  const { size, mtimeMs } = file.status;
  file.close();
  const app: RootfsEntry = {
    path: plan.app.rootfs.slice(1),
    kind: 'file',
    executable: true,
    size,
    changed: mtimeMs,
    source: posix.relative(sandbox.work, plan.app.path),
    directory: work.work,
  };
  const where = `app.rootfs of the tooling layer: ${plan.app.rootfs}`;
  const origins = [
    { entries: rootfs.entries, where },
    { entries: [app], where },
  ];
  return { ...rootfs, entries: joinEntries(origins) };
}
