import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf, HeldDirectory } from 'bunny-libos-oci';
import { BunnyError, exitStatus, refuseLarge, systemError } from 'bunny-libos-spec';

/**
 * The text of a document that was found below a directory, not named: it is not read over a link, which would lead
 * anywhere. Throws BUNNY_EPATH, and as `readDocumentFile`.
 */
export function readDocumentBelow(directory: string, path: string, limit: number): string {
  const shown = join(directory, path);
  const root = HeldDirectory.open(directory);
  try {
    const file = root.fileBelow(path, { limit: Number.MAX_SAFE_INTEGER });
    try {
      refuseLarge(file.status.size, limit, { file: shown });
      return textOf(file.read(), shown);
    } finally {
      file.close();
    }
  } catch (error) {
    throw systemError(error, shown) ?? error;
  } finally {
    root.close();
  }
}

export interface ReadDocumentOptions {
  /** Throws BUNNY_EPATH where the path is a link: whoever made the project chose where it leads. */
  noLink?: boolean | undefined;
}

/**
 * The text of a document that a person, or this program, wrote to disk: a regular file of at most `limit` bytes, or a
 * link to one. Nothing else is waited for: a pipe that nobody writes to would hang, a device may never end.
 * Throws BUNNY_ENOFILE, BUNNY_ETOOLARGE, BUNNY_EENCODING, BUNNY_EACCESS, BUNNY_EIO.
 */
export async function readDocumentFile(
  path: string,
  limit: number,
  { noLink = false }: ReadDocumentOptions = {},
): Promise<string> {
  try {
    const flags = constants.O_RDONLY | constants.O_NONBLOCK | (noLink ? constants.O_NOFOLLOW : 0);
    const handle = await open(path, flags);
    try {
      return textOf(await readRegular(handle, path, limit), path);
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (noLink && codeOf(error) === 'ELOOP') throw isLink(path, 'read');
    throw isSocket(error) ? notRegular(path, 'a socket or a device') : (systemError(error, path) ?? error);
  }
}

async function readRegular(handle: FileHandle, path: string, limit: number): Promise<Buffer> {
  const status = await handle.stat();
  if (status.isDirectory()) throw notRegular(path, 'a directory');
  if (status.isFIFO()) throw notRegular(path, 'a pipe');
  if (!status.isFile()) throw notRegular(path, 'a device');
  refuseLarge(status.size, limit, { file: path });
  return handle.readFile();
}

/** What is not UTF-8 would be lost without a word where the document is edited. */
function textOf(bytes: Buffer, file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new BunnyError('BUNNY_EENCODING', 'the document is not UTF-8 text', {
      where: { file, line: lineOfFault(bytes) },
      cause,
      hint: 'save it in the encoding UTF-8',
      exitStatus: exitStatus.usage,
    });
  }
}

/** The line of the first byte that no UTF-8 text has there, from 1. No character of more bytes has a line feed in it. */
function lineOfFault(bytes: Buffer): number {
  const lossy = bytes.toString('utf8').split('\n');
  let offset = 0;
  for (const [index, line] of lossy.entries()) {
    const end = bytes.indexOf(0x0a, offset);
    const own = bytes.subarray(offset, end < 0 ? bytes.length : end);
    if (!own.equals(Buffer.from(line))) return index + 1;
    offset += own.length + 1;
  }
  return lossy.length;
}

/** The error for a document that is a link, where it is not for a project to say where that leads. */
export function isLink(file: string, what: 'read' | 'written'): BunnyError {
  return new BunnyError('BUNNY_EPATH', `this is a link, over which nothing is ${what}`, {
    where: { file },
    hint: 'put the file itself in its place, if you trust what it leads to',
    exitStatus: exitStatus.usage,
  });
}

function isSocket(error: unknown): boolean {
  return codeOf(error) === 'ENXIO';
}

function notRegular(file: string, what: string): BunnyError {
  return new BunnyError('BUNNY_ENOFILE', `this is ${what}, not a file`, {
    where: { file },
    hint: 'documents are regular files, or links to such: write it to one',
    exitStatus: exitStatus.usage,
  });
}
