import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { FileLock } from 'bunny-libos-oci';
import { bunnyDone } from '../command/bunny.js';
import { lastingCache, runDirectory, temporaryDirectory } from '../files/temporary.js';
import { repositoryFile } from '../repository.js';

/** Sources of the library OS, and of the apps by their names: `join(appSources, 'hello')`. Never write there. */
export const warrenSources = repositoryFile('fixtures/warren');
export const appSources = repositoryFile('fixtures/apps');

/** The library OS as the tests find it published. */
export interface Warren {
  /** The layout that holds it, as a REF. For reading only: take `copyOfWarren` to publish more. */
  registry: string;
  /** Its directory. */
  directory: string;
  /** A store that all tests share, kept between runs: it holds the tooling root. */
  store: string;
}

let published: Promise<Warren> | undefined;

/**
 * Publishes fixtures/warren into an image layout, once for all files of a run of the tests. With a cold cache that
 * takes half a minute, as the tooling root is made from Debian packages; afterwards seconds. Call it in a
 * `before` with `this.timeout(warrenTimeout)`.
 */
export function warren(): Promise<Warren> {
  published ??= publishWarren();
  return published;
}

/** Milliseconds that `warren` may take on a machine that has nothing. */
export const warrenTimeout = 300_000;

async function publishWarren(): Promise<Warren> {
  const shared = join(runDirectory, 'warren');
  const directory = join(shared, 'registry');
  const registry = `oci:${directory}`;
  const done = join(shared, 'published');
  // Other files want it at the same time, and so do the tests of the builder, which need the tooling root alone.
  const one = new FileLock(join(lastingCache, '.lock'), 'tests');
  const publish = async () => {
    if (existsSync(done)) return;
    // The program that makes the root asks apt, which may need the machine's own settings.
    await bunnyDone(['publish', warrenSources, '--allow-commands', '--to', registry], {
      store: lastingCache,
      env: process.env,
    });
    await writeFile(done, '');
  };
  await one.hold(publish, { timeout: warrenTimeout });
  return { registry, directory, store: lastingCache };
}

/** A copy of the published library OS to publish more into. */
export async function copyOfWarren(): Promise<Warren> {
  const { directory, store } = await warren();
  const copy = join(await temporaryDirectory('registry'), 'registry');
  await mkdir(copy);
  for (const file of ['oci-layout', 'index.json']) await cp(join(directory, file), join(copy, file));
  await linkTree(join(directory, 'blobs'), join(copy, 'blobs'));
  return { registry: `oci:${copy}`, directory: copy, store };
}

/** A new store that knows nothing but the tooling root, so that it need not be made again. */
export async function freshStore(): Promise<string> {
  const { store } = await warren();
  const fresh = join(await temporaryDirectory('store'), 'store');
  await mkdir(join(fresh, 'unpacked'), { recursive: true });
  await linkTree(join(store, 'rootfs'), join(fresh, 'rootfs'));
  await linkTree(join(store, 'unpacked', 'image'), join(fresh, 'unpacked', 'image'));
  return fresh;
}

/** A copy of one of fixtures/apps in a directory of its own. Gives that directory. */
export async function copyOfApp(name: string): Promise<string> {
  const directory = join(await temporaryDirectory('app'), name);
  await cp(join(appSources, name), directory, { recursive: true });
  return directory;
}

/** Copies a tree of files that are never written in place: by hard links where that is possible. */
async function linkTree(from: string, to: string): Promise<void> {
  const run = promisify(execFile);
  try {
    await run('cp', ['-al', from, to]);
  } catch {
    // Two mounts, perhaps of one file system.
    await rm(to, { recursive: true, force: true });
    await run('cp', ['-a', from, to]);
  }
}

/** All files below a directory by their paths in it, sorted. */
export async function filesBelow(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(directory.length + 1))
    .sort();
}
