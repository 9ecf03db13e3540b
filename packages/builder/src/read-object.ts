import { readFile } from 'node:fs/promises';
import { type ElfObject, readObject } from '@bunny/elf';
import { BunnyError, exitStatus } from '@bunny/spec';
import type { BuildPlan, LinkedObject } from './build-plan.js';
import { type HostDirectories, pathOnHost } from './host-paths.js';

/** Whose object a file is, for messages: `libc 1.2.0`, `the app`. */
export interface ObjectOwner {
  name: string;
  /** It was unpacked from a layer, into the store. */
  isPublished: boolean;
}

/**
 * Reads an object from this machine. Throws BunnyError BUNNY_EOBJECT, naming the file and whose it is, where it is
 * gone or is no object: nothing of what the tooling layer makes, or has published, is ever so by itself.
 */
export async function readElf(file: string, owner: ObjectOwner): Promise<ElfObject> {
  try {
    return readObject(await readFile(file));
  } catch (cause) {
    const { code, message } = cause as { code?: unknown; message: string };
    if (code !== 'BUNNY_EOBJECT' && code !== 'ENOENT') throw cause;
    const what = code === 'ENOENT' ? 'it is gone' : message;
    throw new BunnyError('BUNNY_EOBJECT', `an object of ${owner.name} is damaged: ${what}`, {
      where: file,
      hint: owner.isPublished
        ? 'run `bunny cache verify`, which removes what is damaged, then build again; if that changes nothing, it was published so'
        : 'remove .bunny and build again; if that changes nothing, the tooling layer makes it so',
      cause,
      exitStatus: exitStatus.buildFailed,
    });
  }
}

/** Reads objects of a plan. */
export function objectReader(
  { layers, name }: Pick<BuildPlan, 'layers' | 'name'>,
  directories: HostDirectories,
): (object: LinkedObject) => Promise<ElfObject> {
  const versions = new Map(layers.map((layer) => [layer.name, layer.version]));
  return ({ path, owner }) => {
    const file = pathOnHost(path, directories);
    if (!('component' in owner)) return readElf(file, { name, isPublished: false });
    const { component } = owner;
    return readElf(file, { name: `${component} ${versions.get(component)}`, isPublished: true });
  };
}
