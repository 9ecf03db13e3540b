import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Pool, type Store, type StoreOptions, type Target } from 'bunny-libos-oci';
import { BunnyError, exitStatus, type LockedComponent, mediaTypes } from 'bunny-libos-spec';
import { asPinnedFailure } from './pinned-failure.js';

/** A component of the closure on this machine: what a link needs of it, by path inside the layer. */
export interface ClosureMember {
  component: LockedComponent;
  /** The unpacked layer: read-only, shared by all projects. */
  directory: string;
  /** `objects/…`, sorted. */
  objects: readonly string[];
  /** Public headers, as they are included. */
  headers: readonly string[];
  /** `scripts/default/…`, sorted. */
  defaultScripts: readonly string[];
  /** `scripts/extra/…`, sorted. */
  extraScripts: readonly string[];
  /** `files/…`: what commands may use, by its name there. */
  files: readonly string[];
  /** `root/…`: what goes into the root file system. */
  root: readonly string[];
}

/** Where the repository of a component (or `tooling`) under a base reference can be read, best first. */
export type Sources = (from: string, name: string) => readonly Target[];

/** Layers that are asked for at the same time: twice the connections to one host, so that none of these waits. */
const atOnce = 32;

/**
 * Brings the layers of the closure into the store, those that are missing in parallel and with one request
 * each, and lists them. The order of the components is kept.
 * Throws BunnyError BUNNY_ELAYER for a layer that is no component, BUNNY_ENOTFOUND for one that no source has, and what
 * the store throws.
 */
export function openClosure(
  store: Store,
  components: readonly LockedComponent[],
  sources: Sources,
  options: StoreOptions = {},
): Promise<ClosureMember[]> {
  const pool = new Pool(atOnce);
  const open = async (component: LockedComponent): Promise<ClosureMember> => {
    const layer = { mediaType: mediaTypes.componentLayer, ...component.layer };
    const from = sources(component.from, component.name);
    const directory = await store.unpacked(layer, from, options).catch((error) => {
      throw asPinnedFailure(error, {
        name: `${component.name} ${component.version}`,
        from: component.from,
        renew: `bunny update ${component.name}`,
      });
    });
    return await listMember(component, directory);
  };
  return Promise.all(components.map((component) => pool.run(() => open(component))));
}

async function listMember(component: LockedComponent, directory: string): Promise<ClosureMember> {
  const [entries, objects, headers, defaultScripts, extraScripts, files, root] = await Promise.all([
    readdir(directory),
    filesBelow(directory, 'objects'),
    filesBelow(directory, 'include'),
    filesBelow(directory, 'scripts/default'),
    filesBelow(directory, 'scripts/extra'),
    filesBelow(directory, 'files'),
    filesBelow(directory, 'root'),
  ]);
  if (!entries.every((name) => ['objects', 'include', 'scripts', 'files', 'root'].includes(name))) {
    throw new BunnyError(
      'BUNNY_ELAYER',
      `the layer of ${component.name} ${component.version} is not a component`,
      {
        where: component.layer.digest,
        hint: 'publish the component again, then run bunny resolve',
        exitStatus: exitStatus.registry,
      },
    );
  }
  return {
    component,
    directory,
    objects,
    headers: headers.map((path) => path.slice('include/'.length)),
    defaultScripts,
    extraScripts,
    files,
    root,
  };
}

/** Files below a directory of a layer, by path inside the layer, sorted. Empty where there is no such directory. */
async function filesBelow(layer: string, directory: string): Promise<string[]> {
  const entries = await readdir(join(layer, directory), { withFileTypes: true }).catch(() => []);
  const lists = entries.map((entry) => {
    const path = `${directory}/${entry.name}`;
    return entry.isDirectory() ? filesBelow(layer, path) : [path];
  });
  return (await Promise.all(lists)).flat().sort();
}
