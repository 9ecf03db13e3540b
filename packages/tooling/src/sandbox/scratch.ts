import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A directory for files that are for one run only: made when it is first asked for. */
export class Scratch {
  #directory: string | undefined;

  readonly directory = (): string => {
    this.#directory ??= mkdtempSync(join(tmpdir(), 'bunny-sandbox-'));
    return this.#directory;
  };

  remove(): void {
    if (this.#directory !== undefined) rmSync(this.#directory, { recursive: true, force: true });
  }
}
