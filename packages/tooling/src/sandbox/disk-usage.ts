import { codeOf, HeldDirectory } from 'bunny-libos-oci';

/** What a file costs at least: its inode and its name. */
const smallest = 4096;
/** Directories within each other that are looked into: each is held open meanwhile. */
const deepest = 200;
/** Files between two looks at what else this process has to do. */
const atOnce = 500;

/** What is in a directory. */
export interface DiskUsage {
  /** As they lie on the disk: holes in files do not count, a file with two names counts once. */
  bytes: number;
  /** Bytes of the largest file, as it seems. */
  largest: number;
  /** Some of it could not be looked at. */
  isPartial: boolean;
}

/**
 * Measures a directory in which others are at work: what comes or goes meanwhile counts or not. No link is followed.
 * Stops where it has found more than `enough` bytes.
 */
export async function diskUsage(directory: string, enough: number): Promise<DiskUsage> {
  const usage: DiskUsage = { bytes: 0, largest: 0, isPartial: false };
  const linked = new Set<number>();
  let files = 0;
  const add = async (place: HeldDirectory, depth: number): Promise<void> => {
    for (const name of place.listBytes()) {
      if (usage.bytes > enough) return;
      if (++files % atOnce === 0) await new Promise((resolve) => setImmediate(resolve));
      const status = place.status(name);
      if (status === undefined || (status.nlink > 1 && !status.isDirectory() && linked.has(status.ino)))
        continue;
      if (status.nlink > 1) linked.add(status.ino);
      usage.bytes += Math.max(smallest, status.blocks * 512);
      if (status.isFile()) usage.largest = Math.max(usage.largest, status.size);
      if (!status.isDirectory()) continue;
      if (depth === deepest) usage.isPartial = true;
      else await within(() => place.enter(name), depth + 1);
    }
  };
  const within = async (open: () => HeldDirectory, depth: number): Promise<void> => {
    let place: HeldDirectory | undefined;
    try {
      place = open();
      await add(place, depth);
    } catch (error) {
      // What has gone, or is a link now, holds nothing.
      if (['EACCES', 'EMFILE', 'ENAMETOOLONG'].includes(codeOf(error) ?? '')) usage.isPartial = true;
    } finally {
      place?.close();
    }
  };
  await within(() => HeldDirectory.open(directory), 0);
  return usage;
}
