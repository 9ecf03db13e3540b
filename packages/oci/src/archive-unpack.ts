import {
  chmodSync,
  closeSync,
  fchmodSync,
  futimesSync,
  linkSync,
  mkdirSync,
  openSync,
  rmSync,
  symlinkSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { entryParts, Tree } from './archive-tree.js';
import { codeOf, fileError, OciError } from './errors.js';
import type { TarHeader } from './tar-header.js';
import { TarReader, type TarSink } from './tar-reader.js';

export interface UnpackLimits {
  /** Files, directories and links. */
  entries?: number;
  /** Bytes of the tar within. */
  bytes?: number;
  /** Bytes unpacked for each byte packed, judged from 64 MiB on. */
  ratio?: number;
}

export interface UnpackOptions extends UnpackLimits {
  signal?: AbortSignal;
  /** The tree is a root filesystem: absolute symlinks begin at its root. Refused otherwise. */
  rootfs?: boolean;
  /** Takes all write permission from files and directories. */
  readOnly?: boolean;
}

export interface Unpacked {
  entries: number;
  /** Bytes of the tar within. */
  bytes: number;
}

const defaults = { entries: 500_000, bytes: 16 * 2 ** 30, ratio: 250 };
const ratioFrom = 64 * 2 ** 20;
/** Every file gets this time, so that a tree is the same whenever it is unpacked. Seconds; not 0, which some tools take for "missing". */
const fileTime = 1;

const opaqueMarker = '.wh..wh..opq';
const whiteout = '.wh.';

/**
 * Unpacks one gzip'd (or plain) tar into `directory`, which is made and must be empty. Refuses, with
 * BUNNY_EARCHIVE: `..`, absolute paths, links out of the root, hard links to what is not in the
 * archive, writes through symlinks, a file and a directory of one name, devices, fifos, damage;
 * with BUNNY_ELIMIT: too many entries or bytes. After an error the directory holds a part and
 * nothing was written outside it. Memory is bounded by the number of entries.
 */
export async function unpackArchive(
  packed: AsyncIterable<Uint8Array>,
  directory: string,
  options: UnpackOptions = {},
): Promise<Unpacked> {
  const unpacker = new Unpacker(directory, options);
  await unpacker.layer(packed);
  return unpacker.finish();
}

/** Unpacks layers on top of each other, honouring whiteouts (image-spec 1.1, layer.md). Call `finish` after the last. */
export class Unpacker {
  readonly #directory: string;
  readonly #options: UnpackOptions;
  readonly #tree = new Tree();
  /** Permission bits that entries may have. */
  readonly #mask: number;
  #layer = 0;
  #entries = 0;
  #bytes = 0;

  constructor(directory: string, options: UnpackOptions = {}) {
    this.#directory = directory;
    this.#options = options;
    this.#mask = options.readOnly ? 0o555 : 0o777;
    attempt(directory, () => mkdirSync(directory, { recursive: true }));
  }

  async layer(packed: AsyncIterable<Uint8Array>): Promise<void> {
    this.#layer++;
    let taken = 0;
    const { format, chunks } = await sniff(packed);
    const counted = async function* (): AsyncGenerator<Uint8Array> {
      for await (const chunk of chunks) {
        taken += chunk.length;
        yield chunk;
      }
    };
    const writer = new LayerWriter(this.#directory, this.#tree, this.#layer, this.#mask, () =>
      this.#countEntry(),
    );
    const reader = new TarReader(writer);
    const before = this.#bytes;
    const consume = async (pieces: AsyncIterable<Uint8Array>): Promise<void> => {
      for await (const chunk of pieces) {
        this.#countBytes(chunk.length, this.#bytes - before, taken);
        reader.push(chunk);
      }
      reader.end();
    };
    const signal = this.#options.signal === undefined ? {} : { signal: this.#options.signal };
    try {
      const source = Readable.from(counted(), { objectMode: true, highWaterMark: 2 });
      if (format === 'tar') await pipeline(source, consume, signal);
      else await pipeline(source, createGunzip({ chunkSize: 1 << 18 }), consume, signal);
    } catch (error) {
      throw archiveError(error, this.#directory);
    } finally {
      writer.close();
    }
  }

  /** Checks what can be judged only with everything in place, and sets the modes of directories. */
  finish(): Unpacked {
    this.#tree.checkSymlinks(this.#options.rootfs ?? false);
    attempt(this.#directory, () => {
      for (const [name, node] of this.#tree.nodes) {
        if (node.kind === 'directory')
          chmodSync(path.join(this.#directory, name), (node.mode | 0o500) & this.#mask);
      }
    });
    return { entries: this.#entries, bytes: this.#bytes };
  }

  #countEntry(): void {
    const limit = this.#options.entries ?? defaults.entries;
    if (++this.#entries > limit) throw tooLarge(`has more than ${limit} entries`);
  }

  #countBytes(length: number, unpacked: number, taken: number): void {
    this.#bytes += length;
    const limit = this.#options.bytes ?? defaults.bytes;
    if (this.#bytes > limit) throw tooLarge(`unpacks to more than ${limit} bytes`);
    const ratio = this.#options.ratio ?? defaults.ratio;
    if (unpacked > ratioFrom && unpacked > taken * ratio) {
      throw tooLarge(`unpacks to more than ${ratio} times its size`);
    }
  }
}

/** Looks at the first bytes: layers are gzip'd or plain tars whatever their media type says. */
async function sniff(
  packed: AsyncIterable<Uint8Array>,
): Promise<{ format: 'gzip' | 'tar'; chunks: AsyncIterable<Uint8Array> }> {
  const iterator = packed[Symbol.asyncIterator]();
  const first = await iterator.next();
  const start = first.done ? Buffer.alloc(0) : Buffer.from(first.value.subarray(0, 4));
  if (start.toString('hex') === '28b52ffd') {
    await iterator.return?.();
    throw new OciError('BUNNY_EUNSUPPORTED', 'the archive is compressed with zstd, which is not read here', {
      hint: 'compress the layer with gzip',
    });
  }
  const chunks = async function* (): AsyncGenerator<Uint8Array> {
    try {
      for (let next = first; !next.done; next = await iterator.next()) yield next.value;
    } finally {
      await iterator.return?.();
    }
  };
  return { format: start[0] === 0x1f && start[1] === 0x8b ? 'gzip' : 'tar', chunks: chunks() };
}

function tooLarge(why: string): OciError {
  return new OciError('BUNNY_ELIMIT', `the archive ${why}`, {
    hint: 'it may be made to exhaust this machine; if it is right, raise the limit',
  });
}

function archiveError(error: unknown, directory: string): unknown {
  const code = codeOf(error);
  if (error instanceof Error && code?.startsWith('Z_')) {
    return new OciError('BUNNY_EARCHIVE', `the archive is damaged: ${error.message}`, { cause: error });
  }
  if (code === 'ABORT_ERR') return new OciError('BUNNY_EABORTED', 'interrupted', { cause: error });
  return fileError(error, directory);
}

function attempt<T>(where: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw fileError(error, where);
  }
}

/** Writes the entries of one layer. Calls are synchronous: most files are smaller than a thread switch. */
class LayerWriter implements TarSink {
  readonly #root: string;
  readonly #tree: Tree;
  readonly #layer: number;
  readonly #mask: number;
  readonly #count: () => void;
  #file: number | undefined;

  constructor(root: string, tree: Tree, layer: number, mask: number, count: () => void) {
    this.#root = root;
    this.#tree = tree;
    this.#layer = layer;
    this.#mask = mask;
    this.#count = count;
  }

  entry(header: TarHeader): void {
    this.#count();
    const parts = entryParts(header.path);
    const base = parts.at(-1);
    // The root itself.
    if (base === undefined) return;
    const parent = parts.slice(0, -1);
    if (base === opaqueMarker) {
      this.#hideLower(parent.join('/'));
      return;
    }
    if (base.startsWith(whiteout)) {
      this.#hide([...parent, base.slice(whiteout.length)].join('/'));
      return;
    }
    for (const name of this.#tree.missingAncestors(parts, this.#layer)) {
      this.#count();
      this.#makeDirectory(name, 0o755);
    }
    const name = parts.join('/');
    if (header.kind === 'directory') this.#makeDirectory(name, header.mode);
    else if (header.kind === 'file') this.#makeFile(name, header);
    else if (header.kind === 'symlink') this.#makeSymlink(name, header.linkname ?? '');
    else this.#makeLink(name, header.linkname ?? '');
  }

  content(bytes: Uint8Array, last: boolean): void {
    const file = this.#file;
    if (file === undefined) return;
    for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
    if (last) this.close();
  }

  /** Closes the file that is being written, if any. */
  close(): void {
    if (this.#file === undefined) return;
    const file = this.#file;
    this.#file = undefined;
    try {
      futimesSync(file, fileTime, fileTime);
    } finally {
      closeSync(file);
    }
  }

  #path(name: string): string {
    return path.join(this.#root, name);
  }

  /** Makes room for an entry of another kind, or of a later layer. */
  #clear(name: string, directory: boolean): void {
    const node = this.#tree.nodes.get(name);
    if (node === undefined) return;
    if (node.layer === this.#layer && (node.kind === 'directory') !== directory) {
      throw new OciError(
        'BUNNY_EARCHIVE',
        `the archive tries to make one path both a directory and something else`,
        {
          where: name,
          hint: 'do not trust this archive; whoever made it must make it again',
        },
      );
    }
    this.#remove(name);
  }

  #remove(name: string): void {
    if (this.#tree.remove(name)) rmSync(this.#path(name), { recursive: true, force: true });
  }

  /** A whiteout hides what lower layers put there, and nothing of its own layer. */
  #hide(name: string): void {
    if (this.#tree.nodes.get(name)?.layer !== this.#layer) this.#remove(name);
  }

  /** An opaque directory hides what lower layers put into it. */
  #hideLower(directory: string): void {
    for (const [name, node] of [...this.#tree.nodes]) {
      if (node.layer === this.#layer) continue;
      if (directory === '' || name.startsWith(`${directory}/`)) this.#remove(name);
    }
  }

  #makeDirectory(name: string, mode: number): void {
    const node = this.#tree.nodes.get(name);
    if (node?.kind !== 'directory') {
      this.#clear(name, true);
      mkdirSync(this.#path(name), 0o755);
    }
    this.#tree.nodes.set(name, { kind: 'directory', mode: mode & 0o777, layer: this.#layer });
  }

  #makeFile(name: string, header: TarHeader): void {
    this.#clear(name, false);
    const mode = ((header.mode & 0o777) | 0o400) & this.#mask;
    this.#file = openSync(this.#path(name), 'wx', mode);
    this.#tree.nodes.set(name, { kind: 'file', layer: this.#layer });
    fchmodSync(this.#file, mode);
    if (header.size === 0) this.close();
  }

  #makeSymlink(name: string, target: string): void {
    if (target === '' || target.includes('\0')) {
      throw new OciError('BUNNY_EARCHIVE', 'the archive holds a symlink without a target', { where: name });
    }
    this.#clear(name, false);
    symlinkSync(target, this.#path(name));
    this.#tree.nodes.set(name, { kind: 'symlink', target, layer: this.#layer });
  }

  #makeLink(name: string, linkname: string): void {
    const target = entryParts(linkname).join('/');
    const node = this.#tree.nodes.get(target);
    // Its ancestors are directories of this tree, or it could not be in it.
    if (node === undefined || node.kind === 'directory') {
      throw new OciError(
        'BUNNY_EARCHIVE',
        `the archive holds a hard link to ${JSON.stringify(linkname.slice(0, 300))}, which is no file of it`,
        { where: name, hint: 'do not trust this archive; whoever made it must make it again' },
      );
    }
    if (target === name) return;
    this.#clear(name, false);
    linkSync(this.#path(target), this.#path(name));
    this.#tree.nodes.set(
      name,
      node.kind === 'symlink' ? { ...node, layer: this.#layer } : { kind: 'file', layer: this.#layer },
    );
  }
}
