import { statfsSync } from 'node:fs';
import type { ControlGroup } from './control-group.js';
import { diskUsage } from './disk-usage.js';
import { InsideView } from './inside-view.js';
import type { LimitName, Limits } from './limits.js';

/** How often it is looked. Milliseconds. */
const pace = 200;
/** When the disk is looked at first: most commands have ended by then. Milliseconds. */
const firstMeasure = 1000;
/** And how long after the last time, at least, unless more of it is gone than may be. Milliseconds. */
const measurePace = 10_000;
/** Looking at the disk takes no more than one part in so many of the time. */
const measureShare = 5;

/** The part of its processes that is seen of a sandbox that can start no more. */
const seenShare = 0.9;

/** What Node's timers can wait for: 24 days. Milliseconds. */
const longestTimer = 2 ** 31 - 1;

/** What a watch needs to know of a sandbox. */
export interface Watched {
  /** The id of a process in it, once there is one. */
  inside: () => number | undefined;
  limits: Limits;
  /** What these keep is asked of them only. */
  group: ControlGroup;
  /** Directories of this machine that it may write. */
  writable: readonly string[];
  /** Ends all that runs in it. */
  end: () => void;
}

/** Ends what runs in a sandbox when it goes over a limit, and knows which. */
export class LimitWatch {
  readonly #watched: Watched;
  readonly #inside: InsideView;
  /** Free bytes at the start, and when the disk was measured. */
  readonly #freeAtFirst: number;
  #measured: { bytes: number; free: number };
  #measuring: Promise<void> | undefined;
  #nextMeasure = performance.now() + firstMeasure;
  readonly #timers: NodeJS.Timeout[] = [];
  #exceeded: LimitName | undefined;

  constructor(watched: Watched) {
    const { inside, limits } = watched;
    this.#watched = watched;
    this.#inside = new InsideView(inside);
    this.#freeAtFirst = this.#free();
    this.#measured = { bytes: 0, free: this.#freeAtFirst };
    this.#timers.push(setInterval(() => this.#look(), pace));
    if (limits.time !== Infinity)
      this.#timers.push(setTimeout(() => this.#over('time'), Math.min(limits.time, longestTimer)));
  }

  /** Stops looking, now that all has ended. Gives the limit that it went over, if any. */
  async finish(): Promise<LimitName | undefined> {
    for (const timer of this.#timers) clearTimeout(timer);
    await this.#measuring;
    this.#exceeded ??= this.#watched.group.exceeded();
    const { disk } = this.#watched.limits;
    if (this.#exceeded === undefined && this.#freeAtFirst - this.#free() > disk) await this.#measure();
    return this.#exceeded;
  }

  #look(): void {
    const { limits, group, writable } = this.#watched;
    const met = group.exceeded() ?? this.#counted();
    if (met !== undefined) this.#over(met);
    const isFull = () => this.#inside.isFull('tmp') || this.#inside.isFull('dev/shm');
    if (limits.tmp !== Infinity && isFull()) this.#over('tmp');
    if (limits.disk !== Infinity && writable.length > 0) this.#lookAtDisk();
  }

  /** What no control group keeps. */
  #counted(): LimitName | undefined {
    const { limits, group } = this.#watched;
    const most = (limit: 'memory' | 'processes') => (group.keeps(limit) ? Infinity : limits[limit]);
    const [memory, processes] = [most('memory'), most('processes')];
    if (memory === Infinity && processes === Infinity) return undefined;
    const tasks = this.#inside.tasks(processes);
    // The kernel refuses more while it still counts some that are not to be seen any more.
    if (tasks.count > processes * seenShare) return 'processes';
    return tasks.memory > memory && this.#inside.ownMemory() > memory ? 'memory' : undefined;
  }

  #lookAtDisk(): void {
    const { disk } = this.#watched.limits;
    const free = this.#free();
    // What was removed while it is open is in no directory.
    if (this.#freeAtFirst - free > 2 * disk) this.#over('disk');
    const grown = this.#measured.bytes + this.#measured.free - free;
    if (this.#measuring !== undefined || (performance.now() < this.#nextMeasure && grown <= disk)) return;
    this.#measuring = this.#measure().finally(() => {
      this.#measuring = undefined;
    });
  }

  async #measure(): Promise<void> {
    const { limits, writable } = this.#watched;
    const start = performance.now();
    const free = this.#free();
    let bytes = 0;
    for (const directory of writable) {
      const usage = await diskUsage(directory, limits.disk - bytes);
      bytes += usage.bytes;
      if (usage.isPartial) bytes = Math.max(bytes, this.#measured.bytes + this.#measured.free - free);
      if (usage.largest >= limits.fileSize) this.#over('file-size');
    }
    if (bytes > limits.disk) this.#over('disk');
    this.#measured = { bytes, free };
    const now = performance.now();
    this.#nextMeasure = now + Math.max(measurePace, (now - start) * measureShare);
  }

  /** Bytes that are free where it may write. */
  #free(): number {
    return this.#watched.writable.reduce(
      (least, directory) => Math.min(least, freeBytes(directory)),
      Infinity,
    );
  }

  #over(limit: LimitName): void {
    if (this.#exceeded !== undefined) return;
    this.#exceeded = limit;
    this.#watched.end();
  }
}

function freeBytes(directory: string): number {
  try {
    const { bsize, bfree } = statfsSync(directory);
    return bsize * bfree;
  } catch {
    return Infinity;
  }
}
