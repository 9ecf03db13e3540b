import { readdirSync, readFileSync, statfsSync } from 'node:fs';

/** What runs in a sandbox, looked at from outside, through the /proc that it has. */
export class InsideView {
  readonly #find: () => number | undefined;
  #process: number | undefined;

  /** `find`: a process in the sandbox that lasts, once there is one. */
  constructor(find: () => number | undefined) {
    this.#find = find;
  }

  /**
   * Processes with their threads, of which no more than `most` are counted, and the bytes that they have in memory, those
   * that several share counted for each.
   */
  tasks(most: number): { count: number; memory: number } {
    const proc = this.#path('proc');
    let count = 0;
    let memory = 0;
    for (const name of proc === undefined ? [] : list(proc)) {
      if (!/^\d+$/.test(name)) continue;
      const status = read(`${proc}/${name}/status`);
      count += Number(/^Threads:\t(\d+)$/m.exec(status)?.[1] ?? 0);
      memory += Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024;
      if (count >= most) break;
    }
    return { count, memory };
  }

  /** Bytes in memory, what processes share counted once: it takes the kernel a while to say. */
  ownMemory(): number {
    const proc = this.#path('proc');
    let bytes = 0;
    for (const name of proc === undefined ? [] : list(proc)) {
      if (!/^\d+$/.test(name)) continue;
      bytes += Number(/^Pss:\s+(\d+) kB$/m.exec(read(`${proc}/${name}/smaps_rollup`))?.[1] ?? 0) * 1024;
    }
    return bytes;
  }

  /** Whether one of its directories in memory takes nothing more. */
  isFull(directory: 'tmp' | 'dev/shm'): boolean {
    const path = this.#path(directory);
    if (path === undefined) return false;
    try {
      const { bsize, blocks, bfree, ffree } = statfsSync(path);
      // Writes are refused while a little is free that is not enough for them.
      return bsize * bfree < Math.min(rest, (bsize * blocks) / 16) || ffree === 0;
    } catch {
      return false;
    }
  }

  /** A path in it, as long as a process is there. */
  #path(inside: string): string | undefined {
    if (this.#process === undefined || list(`/proc/${this.#process}`).length === 0)
      this.#process = this.#find();
    return this.#process === undefined ? undefined : `/proc/${this.#process}/root/${inside}`;
  }
}

/** Bytes with which a directory in memory is as good as full. */
const rest = 1024 * 1024;

/** A process in the sandbox that bubblewrap makes: the child of its first one, which others may not look at. */
export function insideBubblewrap(starter: number): number | undefined {
  const [first] = children(starter);
  return first === undefined ? undefined : children(first)[0];
}

function children(pid: number): number[] {
  return read(`/proc/${pid}/task/${pid}/children`).split(' ').filter(Boolean).map(Number);
}

function list(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
