import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  write,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Limits } from './limits.js';

/** A limit that the kernel can keep for a group of processes. */
type Kept = 'memory' | 'processes';

interface Controller {
  /** What the kernel calls it. */
  name: string;
  /** File of a group -> value. Those behind the first may be missing. */
  set: (limits: Limits) => readonly (readonly [file: string, value: string])[];
  /** The file that tells how often the limit was met, behind this word. */
  met: readonly [file: string, word: string];
}

const pids: Controller = {
  name: 'pids',
  set: ({ processes }) => [['pids.max', String(processes)]],
  met: ['pids.events', 'max'],
};

/** By the version of control groups. */
const controllers: Readonly<Record<1 | 2, Readonly<Record<Kept, Controller>>>> = {
  1: {
    memory: {
      name: 'memory',
      set: ({ memory }) => [
        ['memory.limit_in_bytes', String(memory)],
        ['memory.memsw.limit_in_bytes', String(memory)],
      ],
      met: ['memory.oom_control', 'oom_kill'],
    },
    processes: pids,
  },
  2: {
    memory: {
      name: 'memory',
      set: ({ memory }) => [
        ['memory.max', String(memory)],
        ['memory.swap.max', '0'],
      ],
      met: ['memory.events', 'oom_kill'],
    },
    processes: pids,
  },
};

/** Where every distribution mounts them. */
const mounted = '/sys/fs/cgroup';
const prefix = 'bunny-';
/** How long processes have to be gone after they were killed. Milliseconds. */
const patience = 2000;
let serial = 0;

/** Control groups for one sandbox. */
export class ControlGroup {
  /** Keeps nothing. */
  static readonly none = new ControlGroup([], new Map());

  readonly #directories: readonly string[];
  /** Limit -> the file and the word in it. */
  readonly #met: Map<Kept, Controller['met']>;
  readonly #joining: Promise<void>[] = [];
  /** Open files, by which a process that writes 0 joins. */
  readonly joins: readonly number[];

  private constructor(directories: readonly string[], met: Map<Kept, Controller['met']>) {
    this.#directories = directories;
    this.#met = met;
    this.joins = directories.map((directory) => openSync(join(directory, 'cgroup.procs'), 'w'));
  }

  /**
   * Makes what groups this user may make on this machine: for both limits, for one, or none. An ordinary user seldom
   * may, a container where they are mounted read-only never.
   */
  static open(limits: Limits): ControlGroup {
    const own = readOr('/proc/self/cgroup');
    const name = `${prefix}${process.pid}-${serial++}`;
    const directories = new Set<string>();
    const met = new Map<Kept, Controller['met']>();
    for (const kept of ['memory', 'processes'] as const) {
      if (limits[kept] === Infinity) continue;
      const place = placeOf(kept, own);
      if (place === undefined) continue;
      const {
        set,
        met: [file, word],
      } = place.controller;
      const directory = join(place.parent, name);
      try {
        if (!directories.has(directory)) {
          removeAbandoned(place.parent);
          mkdirSync(directory);
          directories.add(directory);
        }
        for (const [index, [path, value]] of set(limits).entries()) {
          if (index === 0 || existsSync(join(directory, path))) writeFileSync(join(directory, path), value);
        }
        met.set(kept, [join(directory, file), word]);
      } catch {
        // Others keep this limit.
      }
    }
    return new ControlGroup([...directories], met);
  }

  keeps(limit: Kept): boolean {
    return this.#met.has(limit);
  }

  /** The limit that was met, if one was. */
  exceeded(): Kept | undefined {
    for (const [limit, [file, word]] of this.#met) {
      if (Number(new RegExp(`^${word} (\\d+)$`, 'm').exec(readOr(file))?.[1] ?? 0) > 0) return limit;
    }
    return undefined;
  }

  /**
   * Lets a process join. Where no process has joined any group of this machine for a while, the kernel takes some
   * milliseconds for the first: they pass while that process has other things to do.
   */
  join(pid: number): void {
    for (const group of this.joins) {
      const joined = new Promise<void>((done) => {
        write(group, String(pid), (error) => {
          // Made, but not for this user to move a process to: it keeps nothing.
          if (error !== null && error.code !== 'ESRCH') this.#met.clear();
          done();
        });
      });
      this.#joining.push(joined);
    }
  }

  /** Removes the groups, once no process is in them. */
  async remove(): Promise<void> {
    // Else a number would be written to what has the descriptor next.
    await Promise.all(this.#joining);
    for (const group of this.joins) closeSync(group);
    const until = performance.now() + patience;
    for (const directory of this.#directories) {
      while (!isRemoved(directory) && performance.now() < until) await sleep(5);
    }
  }
}

/** Where a group can be made that keeps a limit. `own`: the groups of this process, as /proc has them. */
function placeOf(limit: Kept, own: string): { controller: Controller; parent: string } | undefined {
  const first = controllers[1][limit];
  // "4:memory:/user.slice"
  const inFirst = new RegExp(`^\\d+:(?:[^:]*,)?${first.name}(?:,[^:]*)?:(.*)$`, 'm').exec(own)?.[1];
  if (inFirst !== undefined) {
    const parent = below(join(mounted, first.name), inFirst);
    return { controller: first, parent };
  }
  const inSecond = /^0::(.*)$/m.exec(own)?.[1];
  if (inSecond === undefined) return undefined;
  const controller = controllers[2][limit];
  const group = below(mounted, inSecond);
  // A group that has processes gives no controllers to those in it, unless it is the root of all.
  const parent = [group, dirname(group)].find(
    (directory) =>
      directory.startsWith(mounted) &&
      readOr(join(directory, 'cgroup.subtree_control')).split(/\s/).includes(controller.name),
  );
  return parent === undefined ? undefined : { controller, parent };
}

/** A group by its path, which in a container may be that of another view: then its root is this one's. */
function below(root: string, path: string): string {
  const directory = join(root, path);
  return existsSync(directory) ? directory : root;
}

/** Removes groups that processes have left which were killed. */
function removeAbandoned(parent: string): void {
  for (const name of readdirSync(parent)) {
    const pid = new RegExp(`^${prefix}(\\d+)-`).exec(name)?.[1];
    if (pid !== undefined && !existsSync(`/proc/${pid}`)) isRemoved(join(parent, name));
  }
}

function isRemoved(directory: string): boolean {
  try {
    rmdirSync(directory);
    return true;
  } catch {
    return !existsSync(directory);
  }
}

function readOr(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
