import { createReadStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Network, packDirectory, unpackArchive } from 'bunny-libos-oci';
import { BunnyError, exitStatus, type Position, type RootfsSource, type Tooling } from 'bunny-libos-spec';
import { fileDigest, withNamedDirectory, withNamedFile } from 'bunny-libos-tooling';
import { imageLayers } from '../tooling/image-layers.js';
import type { RootfsLayer } from '../tooling/rootfs-layer.js';
import { RootfsCache, rootfsKey } from './cache.js';
import { findMaker, makerKey, notAllowed, runMaker } from './command.js';
import { packedTree, treeDiffId } from './tree.js';

export interface RootfsOptions {
  /** Opens the image that it is made from. */
  network: Pick<Network, 'open'>;
  /** Directory of `tooling.yaml`: paths of the source are relative to it, and lead nowhere else. */
  directory: string;
  /** Directory for what has been made, shared by all projects and processes. */
  cache: string;
  /** Gives the place of one of its keys; the file alone where left out. */
  at?: ((path: readonly string[]) => Position) | undefined;
  /** The programs that it names may run on this machine. */
  allowCommands?: boolean | undefined;
  signal?: AbortSignal | undefined;
  /** Called before a program makes a root, and with each line that it prints. */
  onLine?: ((line: string) => void) | undefined;
}

/** A layer of a root filesystem, which need not have been made yet. */
export interface RootfsPart {
  /** Digest of the uncompressed archive; undefined where only making it will tell. */
  diffId?: string | undefined;
  /** Makes the layer, or finds it made. */
  make: () => Promise<RootfsLayer>;
}

/**
 * The layers of a tooling layer's root filesystem, bottom first, its overlay on top. No program is run, and nothing is
 * unpacked or packed, until one is made; what is kept of an earlier time is known, and directories are read.
 * Making throws BUNNY_ECOMMANDS where a program would have to run that nobody allowed, and as a program or archive fails.
 * Throws BUNNY_EROOTFS where a source is missing, BUNNY_EPATH where it leads out of the directory, and OciError for a
 * tree that cannot be packed.
 */
export async function planRootfs(
  { rootfs, overlay }: Pick<Tooling, 'rootfs' | 'overlay'>,
  options: RootfsOptions,
): Promise<RootfsPart[]> {
  const parts = await planSource(rootfs, ['rootfs'], options);
  if (overlay === undefined) return parts;
  return [...parts, await planDirectory(overlay, ['overlay'], options)];
}

/** All layers of a planned root filesystem, in order. Throws as making each of them. */
export async function makeRootfs(parts: readonly RootfsPart[]): Promise<RootfsLayer[]> {
  const layers: RootfsLayer[] = [];
  for (const part of parts) layers.push(await part.make());
  return layers;
}

async function planSource(
  { image, directory, tar, command }: RootfsSource,
  path: readonly string[],
  options: RootfsOptions,
): Promise<RootfsPart[]> {
  if (image !== undefined) {
    const layers = await imageLayers(image, options);
    return layers.map((layer) => ({ diffId: layer.diffId, make: async () => layer }));
  }
  if (command !== undefined) return [await planCommand(command, [...path, 'command'], options)];
  if (tar !== undefined) return [await planTar(tar, [...path, 'tar'], options)];
  if (directory !== undefined) return [await planDirectory(directory, [...path, 'directory'], options)];
  throw new BunnyError('BUNNY_EROOTFS', 'the tooling layer names no root filesystem', {
    where: placeOf(path, options),
    hint: 'give rootfs one of: image, directory, tar, command',
  });
}

async function planCommand(
  command: NonNullable<RootfsSource['command']>,
  path: readonly string[],
  options: RootfsOptions,
): Promise<RootfsPart> {
  const where = placeOf(path, options);
  const maker = await findMaker(command, options.directory, where);
  return await keptOrMade(await makerKey(maker), options, async (tree) => {
    if (options.allowCommands !== true) throw notAllowed(maker, where);
    await mkdir(tree);
    await runMaker(maker, tree, options);
  });
}

async function planTar(tar: string, path: readonly string[], options: RootfsOptions): Promise<RootfsPart> {
  const named = { directory: options.directory, path: tar, where: placeOf(path, options) };
  const missing = () => absent('a tar archive', named);
  const digest = await withNamedFile(named, missing, ({ place }) => fileDigest(place));
  return await keptOrMade(rootfsKey({ tar: digest }), options, async (tree) => {
    await withNamedFile(named, missing, ({ place }) =>
      unpackArchive(createReadStream(place), tree, { rootfs: true, signal: options.signal }),
    );
    const now = await withNamedFile(named, missing, ({ place }) => fileDigest(place));
    if (now !== digest) throw changed(named);
  });
}

async function planDirectory(
  directory: string,
  path: readonly string[],
  options: RootfsOptions,
): Promise<RootfsPart> {
  const named = { directory: options.directory, path: directory, where: placeOf(path, options) };
  const missing = () => absent('a directory', named);
  const cache = new RootfsCache(options.cache);
  const diffId = await withNamedDirectory(named, missing, (tree) =>
    treeDiffId(tree, cache, { signal: options.signal }),
  );
  const make = () =>
    withNamedDirectory(named, missing, async (tree) => {
      const layer = await packedTree(tree, diffId, cache, { signal: options.signal });
      if (layer === undefined) throw changed(named);
      return layer;
    });
  return { diffId, make };
}

/**
 * What a program or archive comes to is kept under a key of it and its inputs, and made again only where one changes: by
 * filling a directory that is not there yet.
 */
async function keptOrMade(
  key: string,
  options: RootfsOptions,
  fill: (tree: string) => Promise<unknown>,
): Promise<RootfsPart> {
  const cache = new RootfsCache(options.cache);
  const kept = await cache.find(key);
  if (kept !== undefined) return { diffId: kept.diffId, make: async () => kept };
  const make = async () => {
    const made = await cache.make(key, async (tree, archive) => {
      await fill(tree);
      return await packDirectory(tree, archive, { signal: options.signal });
    });
    if (made === undefined) throw new Error(`the root filesystem ${key} disappeared`);
    return made;
  };
  return { make: async () => (await cache.find(key)) ?? (await make()) };
}

function placeOf(path: readonly string[], { at, directory }: RootfsOptions): Position {
  return at?.(path) ?? { file: join(directory, 'tooling.yaml') };
}

function absent(what: string, { path, where }: { path: string; where: Position }): BunnyError {
  return new BunnyError('BUNNY_EROOTFS', `the root filesystem is not there`, {
    where,
    hint: `put ${what} at ${path}, or correct the path`,
  });
}

function changed({ path, where }: { path: string; where: Position }): BunnyError {
  return new BunnyError('BUNNY_EROOTFS', `${path} was changed while it was being published`, {
    where,
    hint: 'publish again',
    exitStatus: exitStatus.usage,
  });
}
