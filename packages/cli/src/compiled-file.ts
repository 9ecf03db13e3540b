import { createHash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { Script } from 'node:vm';

export interface CompiledFileOptions {
  /** A CommonJS file, in ASCII. */
  file: string;
  /** A directory that is used only where it is there already. */
  cache: string;
  /** Where in `cache` to keep what V8 made of the file: names the file's contents, of which V8 compares the length only. */
  name: string;
}

/**
 * A CommonJS file whose functions V8 does not compile again at each start: what it made of those that ran is kept.
 * From 22.1 on Node has the same as `module.enableCompileCache`.
 */
export class CompiledFile {
  /** What the file exports. */
  readonly exports: unknown;
  readonly #script: Script;
  readonly #cache: string;
  readonly #cached: string;
  readonly #fresh: boolean;

  /** Throws what the file throws. */
  constructor({ file, cache, name }: CompiledFileOptions) {
    this.#cache = cache;
    this.#cached = path.join(cache, name);
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

  /** Keeps what has been compiled so far for the next start, unless it came from there. Never fails. */
  keep(): void {
    if (this.#fresh || !existsSync(this.#cache)) return;
    const ingest = `${this.#cached}.${process.pid}`;
    try {
      mkdirSync(path.dirname(this.#cached), { recursive: true, mode: 0o700 });
      // What is kept is for starts with the flags as they are by default.
      setFlagsFromString('--flush-bytecode');
      const data = this.#script.createCachedData();
      writeFileSync(ingest, Buffer.concat([digestOf(data), data]), { mode: 0o600 });
      renameSync(ingest, this.#cached);
    } catch {
      // The next start compiles again.
      if (existsSync(ingest)) rmSync(ingest);
    }
  }
}

/** What was kept in `file`, where it is whole, and the file this user's and nobody else's to write: it is code. */
function readKept(file: string): Buffer | undefined {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(file, 'r');
    const { uid, mode } = fstatSync(descriptor);
    if (uid !== process.getuid?.() || (mode & 0o022) !== 0) return undefined;
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

function digestOf(data: Buffer): Buffer {
  return createHash('sha256').update(data).digest();
}
