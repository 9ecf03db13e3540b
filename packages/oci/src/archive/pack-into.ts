import { open, rename, unlink } from 'node:fs/promises';
import { fileError, pathOf, throwIfAborted } from '../content/errors.js';
import { type PackedArchive, Packer } from './pack.js';

/**
 * Has `write` give the parts of a gzip'd tar, which get to the file `output` as they come, each time that `flush` is
 * called. The file has its name once it is whole. Throws what `write` throws, BUNNY_EIO, BUNNY_EACCESS, BUNNY_ENOSPACE,
 * BUNNY_EABORTED.
 */
export async function packInto(
  output: string,
  options: { signal?: AbortSignal | undefined },
  write: (packer: Packer, flush: () => Promise<void>) => Promise<void>,
): Promise<PackedArchive> {
  const temporary = `${output}.${process.pid}.partial`;
  try {
    let waiting: Uint8Array[] = [];
    const packer = await Packer.open((bytes) => {
      waiting.push(bytes);
    });
    const handle = await open(temporary, 'w', 0o644);
    const flush = async (): Promise<void> => {
      throwIfAborted(options.signal);
      for (const bytes of waiting) await handle.writeFile(bytes);
      waiting = [];
    };
    try {
      await write(packer, flush);
      const packed = packer.finish();
      await flush();
      await handle.close();
      await rename(temporary, output);
      return packed;
    } finally {
      await handle.close();
    }
  } catch (error) {
    await unlink(temporary).catch(() => undefined);
    // What names no path came of writing.
    throw fileError(error, pathOf(error) ?? output);
  }
}
