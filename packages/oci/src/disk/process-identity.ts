import { readFileSync, readlinkSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { isNotFound } from '../content/errors.js';

/** A holder on another machine or in another container, whose life cannot be seen, is given this long. Milliseconds. */
export const unseenHolderLives = 30_000;

/**
 * Whether a file that a process has marked as its own, by beginning it with `identity`, is nobody's: it is empty, or the
 * process has ended. One whose life cannot be seen has `unseenLives` milliseconds from when it last wrote to it.
 */
export async function isFree(file: string, unseenLives = unseenHolderLives): Promise<boolean> {
  let content: string;
  try {
    content = await readFile(file, 'utf8');
  } catch (error) {
    // Removed by a successor: look again.
    if (isNotFound(error)) return false;
    throw error;
  }
  if (content === '') return true;
  const [world, pid, start] = content.split('\n');
  if (world === processWorld()) return startOf(Number(pid)) !== start;
  const status = await stat(file).catch(() => undefined);
  return status !== undefined && Date.now() - status.mtimeMs > unseenLives;
}

/** Three lines that tell this process from all others. */
export function identity(): string {
  return `${processWorld()}\n${process.pid}\n${startOf(process.pid)}\n`;
}

let world: string | undefined;

/** Names the set of processes that can see each other: this boot of this machine, this process namespace. */
function processWorld(): string {
  world ??= [
    hostname(),
    orEmpty(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()),
    orEmpty(() => readlinkSync('/proc/self/ns/pid')),
  ].join(' ');
  return world;
}

/** When a process started, in clock ticks, so that a reused id is told apart; '' where it does not live. */
function startOf(pid: number): string {
  const status = orEmpty(() => readFileSync(`/proc/${pid}/stat`, 'latin1'));
  if (status !== '') {
    const fields = status.slice(status.lastIndexOf(')') + 2).split(' ');
    // A zombie holds nothing any more.
    return fields[0] === 'Z' || fields[0] === 'X' ? '' : (fields[19] ?? '');
  }
  try {
    process.kill(pid, 0);
    return process.platform === 'linux' ? '' : 'lives';
  } catch {
    return '';
  }
}

function orEmpty(read: () => string): string {
  try {
    return read();
  } catch {
    return '';
  }
}
