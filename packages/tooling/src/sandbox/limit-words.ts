import { statfsSync } from 'node:fs';
import type { LimitName, Limits } from './limits.js';

/** Room on a disk with which nothing says that it is full. Bytes. */
const plenty = 64 * 1024 * 1024;

/**
 * The limit that a failed command met, by what its tools said of it in the C locale: there are limits that the kernel
 * only tells those who meet them. `writable`: directories of this machine that it might write.
 */
export function limitInWords(
  text: string,
  limits: Limits,
  writable: readonly string[],
): LimitName | undefined {
  // strsignal(SIGXFSZ), strerror(EFBIG)
  if (limits.fileSize !== Infinity && /File size limit exceeded|File too large/.test(text))
    return 'file-size';
  // strerror(EAGAIN), of fork and of threads; dash has words of its own.
  const cannotStart = /(?:fork|spawn|thread|clone|exec).*Resource temporarily unavailable|Cannot fork/i;
  if (limits.processes !== Infinity && cannotStart.test(text)) return 'processes';
  // strerror(ENOSPC), where the disk has room.
  const isFull = text.includes('No space left on device');
  return limits.tmp !== Infinity && isFull && writable.every(hasRoom) ? 'tmp' : undefined;
}

function hasRoom(directory: string): boolean {
  try {
    const { bsize, bavail, ffree } = statfsSync(directory);
    return bsize * bavail > plenty && ffree > 0;
  } catch {
    return false;
  }
}
