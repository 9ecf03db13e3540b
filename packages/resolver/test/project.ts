import assert from 'node:assert/strict';
import { join } from 'node:path';
import { Bases } from 'bunny-libos-namespace';
import { Network, Store } from 'bunny-libos-oci';
import { readBunnyfile } from 'bunny-libos-spec';
import { temporaryDirectory } from 'bunny-libos-testing/files/temporary.js';
import { framework } from 'bunny-libos-testing/frameworks/burrow.js';
import { readMergedLockFile, writeLockFile } from '../src/lock/file.js';
import { resolve } from '../src/solve/resolve.js';
import type { Resolution, ResolveOptions } from '../src/solve/resolve-options.js';

/** One app with its lock and a store of its own. */
export class Project {
  readonly directory: string;
  readonly lockFile: string;
  /** Base references, in order. */
  bases: readonly string[];
  store: string;

  static async make(...bases: string[]): Promise<Project> {
    return new Project(await temporaryDirectory('resolver'), bases);
  }

  private constructor(directory: string, bases: readonly string[]) {
    this.directory = directory;
    this.lockFile = join(directory, 'bunny.lock');
    this.bases = bases;
    this.store = join(directory, 'store');
  }

  /** Resolves what these lines of a Bunnyfile ask for, for amd64/qemu, and writes the lock. */
  async resolve(lines: string, options: Partial<ResolveOptions> = {}): Promise<Resolution> {
    const resolution = await resolve({ ...(await this.options(lines)), ...options });
    if (resolution.changed) await writeLockFile(this.lockFile, [resolution.lock]);
    return resolution;
  }

  /** What resolving these lines takes. */
  async options(lines: string): Promise<ResolveOptions> {
    const text = `version: v0.1\nname: app\nplatforms: { framework: ${framework} }\n${lines}\n`;
    return {
      bunnyfile: readBunnyfile(text, 'Bunnyfile'),
      file: 'Bunnyfile',
      lockFile: this.lockFile,
      previous: (await readMergedLockFile(this.lockFile))?.[0],
      bases: new Bases(this.bases, this.directory, { network: new Network(), mustExist: true }),
      store: await Store.open(this.store),
      filter: { arch: ['amd64'] },
    };
  }

  /** The same, and requires that it fails with this code. */
  async refused(code: string, lines: string, options: Partial<ResolveOptions> = {}): Promise<Refusal> {
    try {
      await this.resolve(lines, options);
    } catch (error) {
      if (!(error instanceof Error) || !('code' in error) || error.code !== code) throw error;
      return error as unknown as Refusal;
    }
    assert.fail(`nothing was refused, though ${code} should have been`);
  }
}

export interface Refusal {
  message: string;
  hint?: string;
  where?: unknown;
  details: readonly string[];
  exitStatus: number;
}

/** `libc 1.2.0`, by name, of the first target. */
export function closure(resolution: Resolution): string[] {
  return (resolution.wanted[0]?.components ?? []).map(({ name, version }) => `${name} ${version}`);
}
