import { createHash } from 'node:crypto';
import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { Script } from 'node:vm';
import { makeDirectory, openToOthers } from 'bunny-libos-oci';

export interface CompiledFileOptions {
  /** A CommonJS file, in ASCII. */
  file: string;
  /** A directory that is used only where it is there already. What V8 made of the file is kept in its `code`. */
  cache: string;
  /** Names the file's contents, of which V8 compares the length only, and the V8. */
  release: string;
  /** Names what of the file is used. */
  part: string;
}

/** What was kept of another release goes when nobody has read it for this long. Milliseconds. */
const forgottenAfter = 7 * 24 * 60 * 60 * 1000;

/**
 * A CommonJS file whose functions V8 does not compile again at each start: what it made of those that ran is kept.
 * From 22.1 on Node has the same as `module.enableCompileCache`.
 */
export class CompiledFile {
  /** What the file exports. */
  readonly exports: unknown;
  readonly #script: Script;
  readonly #cache: string;
  /** Of this release. */
  readonly #directory: string;
  readonly #cached: string;
  readonly #fresh: boolean;

  /** Throws what the file throws. */
  constructor({ file, cache, release, part }: CompiledFileOptions) {
    this.#cache = cache;
    this.#directory = path.join(cache, 'code', release);
    this.#cached = path.join(this.#directory, part);
    // One byte for each character: V8 need not look for others.
    const source = readFileSync(file, 'latin1');
    const cachedData = readKept(this.#cached);
    this.#script = new Script(`(function(exports,require,module,__filename,__dirname){${source}\n})`, {
      filename: file,
      ...(cachedData && { cachedData }),
    });
    this.#fresh = cachedData !== undefined && this.#script.cachedDataRejected !== true;
    // In a run of seconds, as the first one often is, V8 would drop what ran at its start only.
    if (!this.#fresh) setFlagsFromString('--no-flush-bytecode');
    const module = { exports: {} };
    this.#script.runInThisContext()(module.exports, createRequire(file), module, file, path.dirname(file));
    this.exports = module.exports;
  }

  /**
   * Keeps what has been compiled so far for the next start, unless it came from there, and then forgets releases
   * that are used no more. Never fails.
   */
  keep(): void {
    if (this.#fresh || !existsSync(this.#cache)) return;
    const ingest = `${this.#cached}.${process.pid}`;
    try {
      makeDirectory(this.#directory, 0o700);
      if (!isOwnDirectory(this.#directory)) return;
      // What is kept is for starts with the flags as they are by default.
      setFlagsFromString('--flush-bytecode');
      const data = this.#script.createCachedData();
      writeFileSync(ingest, Buffer.concat([digestOf(data), data]), { mode: 0o600, flag: 'wx' });
      renameSync(ingest, this.#cached);
      forgetOthers(this.#directory);
    } catch {
      // The next start compiles again.
      if (existsSync(ingest)) rmSync(ingest);
    }
  }
}

/** Removes the directories beside this one of which no file has been read or written for long. */
function forgetOthers(directory: string): void {
  const parent = path.dirname(directory);
  for (const name of readdirSync(parent)) {
    const other = path.join(parent, name);
    if (other !== directory && Date.now() - lastUse(other) > forgottenAfter)
      rmSync(other, { recursive: true });
  }
}

/** Milliseconds since 1970. File systems tell of reading to the day, or not at all: then the file was new. */
function lastUse(directory: string): number {
  // An empty one may be about to be filled.
  let last = statSync(directory).mtimeMs;
  for (const name of readdirSync(directory)) {
    const { atimeMs, mtimeMs } = statSync(path.join(directory, name));
    last = Math.max(last, atimeMs, mtimeMs);
  }
  return last;
}

/** What was kept in `file`, where it is whole, and the file this user's and nobody else's to write: it is code. */
function readKept(file: string): Buffer | undefined {
  let descriptor: number | undefined;
  try {
    if (!isOwnDirectory(path.dirname(file))) return undefined;
    descriptor = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const status = fstatSync(descriptor);
    if (!status.isFile() || !isOwn(status)) return undefined;
    const bytes = readFileSync(descriptor);
    const data = bytes.subarray(32);
    // V8 itself looks at the length only.
    return digestOf(data).equals(bytes.subarray(0, 32)) ? data : undefined;
  } catch {
    return undefined;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

/** Whether a directory is no link, and it and the one that it is in are this user's: nobody else can put code there. */
function isOwnDirectory(directory: string): boolean {
  const both = [path.dirname(directory), directory].map((each) => lstatSync(each));
  return (
    both.every((status) => status.isDirectory() && isOwn(status)) && openToOthers(directory) === undefined
  );
}

function isOwn({ uid, mode }: Stats): boolean {
  return uid === process.getuid?.() && (mode & 0o022) === 0;
}

function digestOf(data: Buffer): Buffer {
  return createHash('sha256').update(data).digest();
}
