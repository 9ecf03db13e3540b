import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { imageLayerGzipType, type PackedArchive, packDirectory, unpackArchive } from '@bunny/oci';
import { BunnyError, canonicalJson, exitStatus, type RootfsSource, sha256, type Tooling } from '@bunny/spec';
import { fileDigest } from './file-digest.js';
import { findProgram } from './find-program.js';
import { imageLayers } from './image-layers.js';
import type { RootfsLayer } from './rootfs-layer.js';
import { runProcess } from './run-process.js';
import { sourceFiles } from './source-files.js';

export interface RootfsOptions {
  /** Directory of `tooling.yaml`: paths of the source are relative to it. */
  directory: string;
  /** Directory for what has been made, shared by all projects and processes. */
  cache: string;
  signal?: AbortSignal;
  /** Called before a program makes a root, and with each line that it prints. */
  onLine?: (line: string) => void;
}

/** The layers of a tooling layer's root filesystem, bottom first, its overlay on top. Throws as `makeRootfs`. */
export async function makeRootfsLayers(
  { rootfs, overlay }: Pick<Tooling, 'rootfs' | 'overlay'>,
  options: RootfsOptions,
): Promise<RootfsLayer[]> {
  const layers = await makeRootfs(rootfs, options);
  if (overlay === undefined) return layers;
  return [...layers, ...(await makeRootfs({ directory: overlay }, options))];
}

/**
 * The layers that one source of a root filesystem comes to, bottom first. What a program or archive comes to is kept
 * under a key of the program, its arguments and the content of its inputs, and made again only where one of
 * them changes. Nothing half-made is ever seen in the cache.
 * Throws BunnyError BUNNY_EROOTFS where the source is missing or its program fails, and OciError for a tree
 * that cannot be packed.
 */
export async function makeRootfs(source: RootfsSource, options: RootfsOptions): Promise<RootfsLayer[]> {
  const { image, directory, tar, command } = source;
  if (image !== undefined) return await imageLayers(image, options);
  if (command !== undefined) {
    const maker = await findMaker(command, options.directory);
    return [await made(await makerKey(maker), options, (tree) => runMaker(maker, tree, options))];
  }
  if (tar !== undefined) {
    const file = await existing(resolve(options.directory, tar), 'isFile');
    const key = sha256(canonicalJson({ tar: await fileDigest(file) }));
    return [await made(key, options, (tree) => unpackTar(file, tree, options))];
  }
  if (directory !== undefined) {
    const tree = await existing(resolve(options.directory, directory), 'isDirectory');
    return [await packed(options, async () => tree)];
  }
  throw new BunnyError('BUNNY_EROOTFS', 'the tooling layer names no root filesystem', {
    where: options.directory,
    hint: 'give rootfs one of: image, directory, tar, command',
  });
}

/** The layer under `key`, made by filling an empty directory where it is not there yet. */
async function made(
  key: string,
  options: RootfsOptions,
  fill: (tree: string) => Promise<void>,
): Promise<RootfsLayer> {
  const known = await readEntry(join(options.cache, 'rootfs', fileName(key)));
  if (known !== undefined) return known;
  return await packed(
    options,
    async (temporary) => {
      const tree = join(temporary, 'tree');
      await mkdir(tree);
      await fill(tree);
      return tree;
    },
    key,
  );
}

/** Packs the tree that `provide` gives and keeps it under `key`, or else under its own digest. */
async function packed(
  options: RootfsOptions,
  provide: (temporary: string) => Promise<string>,
  key?: string,
): Promise<RootfsLayer> {
  const parent = join(options.cache, 'rootfs');
  const temporary = join(parent, `.making-${process.pid}-${randomBytes(6).toString('hex')}`);
  await mkdir(temporary, { recursive: true });
  try {
    const tree = await provide(temporary);
    const archive = await packDirectory(tree, join(temporary, 'layer.tar.gz'), signalOf(options));
    if (tree.startsWith(temporary)) await rm(tree, { recursive: true });
    await writeFile(join(temporary, 'layer.json'), canonicalJson(archive));
    const entry = join(parent, fileName(key ?? archive.digest));
    await rename(temporary, entry).catch((error: NodeJS.ErrnoException) => {
      // Another process was quicker, with the same content.
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
    });
    const layer = await readEntry(entry);
    if (layer === undefined) throw new Error(`${entry} went away`);
    return layer;
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

async function readEntry(entry: string): Promise<RootfsLayer | undefined> {
  const text = await readFile(join(entry, 'layer.json'), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const { digest, size, diffId } = JSON.parse(text) as PackedArchive;
  return {
    descriptor: { mediaType: imageLayerGzipType, digest, size },
    diffId,
    content: () => createReadStream(join(entry, 'layer.tar.gz')),
  };
}

/** A program that makes a root, and what its result depends on. */
interface Maker {
  program: string;
  words: readonly string[];
  directory: string;
  /** Relative to the directory, sorted. */
  inputs: readonly string[];
}

async function findMaker(
  { run, inputs }: NonNullable<RootfsSource['command']>,
  directory: string,
): Promise<Maker> {
  const [name = '', ...words] = run;
  const program = findProgram(name.includes('/') ? resolve(directory, name) : name);
  if (program === undefined) {
    throw new BunnyError('BUNNY_EROOTFS', `there is no executable program ${JSON.stringify(name)}`, {
      where: directory,
      hint: 'name one on the PATH or relative to tooling.yaml, and make it executable (chmod +x)',
    });
  }
  const at = { file: join(directory, 'tooling.yaml') };
  const files = await sourceFiles(
    directory,
    inputs.map((pattern) => ({ pattern, at })),
  );
  return { program, words, directory, inputs: files };
}

async function makerKey({ program, words, directory, inputs }: Maker): Promise<string> {
  const digests = await Promise.all(
    inputs.map(async (path) => [path, await fileDigest(join(directory, path))]),
  );
  return sha256(canonicalJson({ program: await fileDigest(program), words, inputs: digests }));
}

async function runMaker(maker: Maker, tree: string, options: RootfsOptions): Promise<void> {
  options.onLine?.(`making the root filesystem: ${[maker.program, ...maker.words].join(' ')}`);
  const lines: string[] = [];
  const result = await runProcess(maker.program, [...maker.words, tree], {
    directory: maker.directory,
    group: true,
    ...signalOf(options),
    onLine: (line) => {
      lines.push(line);
      options.onLine?.(line);
    },
    missing: () => failure(maker, 'cannot be started', lines),
  });
  if (result.status !== 0) throw failure(maker, `ended with status ${result.status}`, lines);
  if ((await readdir(tree)).length === 0) throw failure(maker, 'wrote nothing', lines);
}

function failure(maker: Maker, what: string, lines: readonly string[]): BunnyError {
  return new BunnyError('BUNNY_EROOTFS', `the program that makes the root filesystem ${what}`, {
    where: maker.program,
    hint: 'run it by hand with an empty directory as its last argument',
    exitStatus: exitStatus.buildFailed,
    details: lines.slice(-40),
  });
}

async function unpackTar(file: string, tree: string, options: RootfsOptions): Promise<void> {
  await rm(tree, { recursive: true });
  await unpackArchive(createReadStream(file), tree, { rootfs: true, ...signalOf(options) });
}

async function existing(path: string, kind: 'isFile' | 'isDirectory'): Promise<string> {
  const found = await stat(path).catch(() => undefined);
  if (found?.[kind]()) return path;
  throw new BunnyError('BUNNY_EROOTFS', `the root filesystem is not there`, {
    where: path,
    hint: `put a ${kind === 'isFile' ? 'tar archive' : 'directory'} there, or correct the path in tooling.yaml`,
  });
}

function fileName(digest: string): string {
  return digest.replace(':', '-');
}

function signalOf({ signal }: RootfsOptions): { signal?: AbortSignal } {
  return signal === undefined ? {} : { signal };
}
