import { readFile } from 'node:fs/promises';
import { type ElfObject, readObject } from 'bunny-libos-elf';
import { BunnyError, exitStatus } from 'bunny-libos-spec';
import { sizeLimits, type WorkPlace } from 'bunny-libos-tooling';
import type { BuildPlan, LinkedObject } from '../plan/build-plan.js';
import { type HostDirectories, pathOnHost } from './line-for-user.js';

/**
 * Reads an object of a layer. Throws BunnyError BUNNY_EOBJECT, naming the file and whose it is (`libc 1.2.0`), where it is
 * gone or is no object: nothing that was published is ever so by itself.
 */
export async function readElf(file: string, owner: string): Promise<ElfObject> {
  return readWhole(file, owner, () => readFile(file), cachedObjectHint);
}

/** Reads objects of a plan: those that were made for it from `work`, as `WorkPlace.read` does. Throws as `readElf`. */
export function objectReader(
  { layers, name }: Pick<BuildPlan, 'layers' | 'name'>,
  directories: HostDirectories,
  work: WorkPlace,
): (object: LinkedObject) => Promise<ElfObject> {
  const versions = new Map(layers.map((layer) => [layer.name, layer.version]));
  return ({ path, owner }) => {
    const file = pathOnHost(path, directories);
    if ('component' in owner) return readElf(file, `${owner.component} ${versions.get(owner.component)}`);
    const hint = `remove ${work.path} and build again; if it happens again, the tooling layer is at fault`;
    return readWhole(file, name, async () => work.read(path, sizeLimits.object), hint);
  };
}

const cachedObjectHint =
  'run `bunny cache verify`, which removes what is damaged, then build again; if it happens again, it was published that way';

async function readWhole(
  file: string,
  owner: string,
  read: () => Promise<Buffer>,
  hint: string,
): Promise<ElfObject> {
  try {
    return readObject(await read());
  } catch (cause) {
    const { code, message } = cause as { code?: unknown; message: string };
    if (code !== 'BUNNY_EOBJECT' && code !== 'ENOENT') throw cause;
    const what = code === 'ENOENT' ? 'it is gone' : message;
    throw new BunnyError('BUNNY_EOBJECT', `an object of ${owner} is damaged: ${what}`, {
      where: file,
      hint,
      cause,
      exitStatus: exitStatus.buildFailed,
    });
  }
}
