import { createHash } from 'node:crypto';
import { open, rename, unlink } from 'node:fs/promises';
import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { readBytes } from '../content/content.js';
import { type Descriptor, imageLayerGzipType } from '../content/descriptor.js';
import { readDiffIds } from '../content/diff-ids.js';
import { codeOf, fileError, OciError, pathOf } from '../content/errors.js';
import { isIndex, parseManifest } from '../content/manifest-validation.js';
import type { Target, TransferOptions } from '../content/target.js';
import { encodeHeader, padding } from './tar-header.js';
import { unpackDefaults } from './unpack.js';

/** A layer as it stands in the archive: the tar within. */
interface OpenLayer {
  descriptor: Descriptor;
  diffId: string;
  /** Bytes of the tar. */
  size: number;
}

/**
 * Writes an image as the archive that `docker load` and `podman load` take (Docker image specification 1.2, "Combined
 * Image JSON + Filesystem Changeset Format"): one tar of the configuration, the layers as plain tars, and
 * `manifest.json`. The same bytes for the same image. `name` is what the image is called where it is loaded
 * (`repository:tag`). Manifests are lost in it, with their annotations.
 * An archive that is there is replaced. Throws BUNNY_EEXISTS where another file is, BUNNY_ENOTFOUND, BUNNY_EMANIFEST for an index and for layers that are no gzip'd tars, BUNNY_EDIGEST where a layer
 * is not what the configuration says, and what the file system throws.
 */
export async function writeDockerArchive(
  from: Target,
  reference: string,
  file: string,
  name: string,
  options: TransferOptions = {},
): Promise<void> {
  const { config, layers } = await readImage(from, reference, options);
  await requireArchiveOrNothing(file);
  const temporary = `${file}.${process.pid}.partial`;
  try {
    const handle = await open(temporary, 'wx', 0o644);
    try {
      const write = async (bytes: Uint8Array): Promise<void> => {
        await handle.writeFile(bytes);
      };
      const configName = `${hex(config.descriptor.digest)}.json`;
      await writeFile(write, configName, config.bytes);
      for (const layer of uniqueLayers(layers)) {
        await write(encodeHeader({ path: layerName(layer), kind: 'file', mode: 0o644, size: layer.size }));
        for await (const piece of tarOf(from, layer.descriptor, options)) await write(piece);
        await write(new Uint8Array(padding(layer.size)));
      }
      const manifest = [{ Config: configName, RepoTags: [name], Layers: layers.map(layerName) }];
      await writeFile(write, 'manifest.json', Buffer.from(JSON.stringify(manifest)));
      await write(new Uint8Array(1024));
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
  } catch (error) {
    await unlink(temporary).catch(() => undefined);
    throw fileError(error, pathOf(error) ?? file);
  }
}

/** Throws BUNNY_EEXISTS for a file with content that is no tar: a source, a key. */
async function requireArchiveOrNothing(file: string): Promise<void> {
  const head = Buffer.alloc(512);
  let size: number;
  try {
    const handle = await open(file, 'r');
    try {
      size = (await handle.read(head, 0, head.length, 0)).bytesRead;
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return;
    throw fileError(error, file);
  }
  if (size === 0 || head.toString('latin1', 257, 262) === 'ustar') return;
  throw new OciError('BUNNY_EEXISTS', 'a file is there that is no archive', {
    where: file,
    hint: 'name another file, or remove this one',
    exitStatus: 2,
  });
}

async function readImage(
  from: Target,
  reference: string,
  options: TransferOptions,
): Promise<{ config: { descriptor: Descriptor; bytes: Uint8Array }; layers: OpenLayer[] }> {
  const found = await from.fetchManifest(reference, options);
  if (found === undefined) {
    throw new OciError('BUNNY_ENOTFOUND', `there is no ${reference}`, {
      where: from.name,
      hint: 'check the reference',
    });
  }
  const manifest = parseManifest(found.bytes, found.descriptor.mediaType, from.name);
  if (isIndex(manifest)) throw unfit('holds one image, and this is an index of several', from.name);
  const bytes = await readBytes(from, manifest.config, undefined, options);
  const diffIds = readDiffIds(bytes, manifest, from.name);
  if (diffIds === undefined) {
    throw unfit('holds images, and this has no configuration of one', from.name);
  }
  const layers: OpenLayer[] = [];
  for (const [index, descriptor] of manifest.layers.entries()) {
    if (descriptor.mediaType !== imageLayerGzipType) {
      throw unfit(`has layers of the type ${imageLayerGzipType} only`, `${from.name}@${descriptor.digest}`);
    }
    const hash = createHash('sha256');
    let size = 0;
    for await (const piece of tarOf(from, descriptor, options)) {
      hash.update(piece);
      size += piece.length;
      if (size > unpackDefaults.bytes) throw tooLarge(`${from.name}@${descriptor.digest}`);
    }
    const diffId = `sha256:${hash.digest('hex')}`;
    if (diffIds[index] !== diffId) {
      throw new OciError('BUNNY_EDIGEST', 'a layer is not what the configuration of its image says', {
        where: `${from.name}@${descriptor.digest}`,
        hint: 'whoever made the image must make it again',
      });
    }
    layers.push({ descriptor, diffId, size });
  }
  return { config: { descriptor: manifest.config, bytes }, layers };
}

function uniqueLayers(layers: readonly OpenLayer[]): OpenLayer[] {
  return [...new Map(layers.map((layer) => [layer.diffId, layer])).values()];
}

function tarOf(from: Target, descriptor: Descriptor, options: TransferOptions): AsyncIterable<Uint8Array> {
  // What fails on the way ends the iteration of what comes out.
  return pipeline(Readable.from(from.fetch(descriptor, options)), createGunzip(), () => undefined);
}

async function writeFile(
  write: (bytes: Uint8Array) => Promise<void>,
  path: string,
  bytes: Uint8Array,
): Promise<void> {
  await write(encodeHeader({ path, kind: 'file', mode: 0o644, size: bytes.length }));
  await write(bytes);
  await write(new Uint8Array(padding(bytes.length)));
}

function layerName({ diffId }: OpenLayer): string {
  return `${hex(diffId)}.tar`;
}

function hex(digest: string): string {
  return digest.slice(digest.indexOf(':') + 1);
}

function tooLarge(where: string): OciError {
  return new OciError(
    'BUNNY_ELIMIT',
    `a layer has more than the ${unpackDefaults.bytes} bytes that are unpacked`,
    {
      where,
      hint: 'nothing that is meant to be unpacked is so large: do not trust whoever made it',
    },
  );
}

function unfit(why: string, where: string): OciError {
  return new OciError('BUNNY_EMANIFEST', `a Docker archive ${why}`, {
    where,
    hint: 'write an image layout instead: oci:DIR',
  });
}
