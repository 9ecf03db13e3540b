import { OciError } from '../content/errors.js';
import { normalMode, type PackedArchive } from './pack.js';
import { packInto } from './pack-into.js';

/** A file on its way into an archive: its bytes come from wherever they are made. */
export interface StreamedFile {
  /** Relative, `/` between parts, no `.` or `..`. */
  path: string;
  /** Bytes of the content. */
  size: number;
  /** Files with any executable bit are 0755, others 0644. */
  mode?: number | undefined;
  content: Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
}

/**
 * Packs one file, below directories of its own, into the gzip'd tar `output`, streaming; as deterministic as
 * `packArchive`. Throws BUNNY_EARCHIVE where the content has another length, and as `packInto`.
 */
export async function packFile(
  { path, size, mode = 0, content }: StreamedFile,
  output: string,
  options: { signal?: AbortSignal | undefined } = {},
): Promise<PackedArchive> {
  return await packInto(output, options, async (packer, flush) => {
    const parts = path.split('/');
    for (let depth = 1; depth < parts.length; depth++) {
      packer.header({ path: parts.slice(0, depth).join('/'), kind: 'directory', mode: 0o755, size: 0 });
    }
    packer.header({ path, kind: 'file', mode: normalMode(mode), size });
    let written = 0;
    for await (const piece of content) {
      written += piece.length;
      if (written > size) break;
      packer.content(piece);
      await flush();
    }
    if (written !== size) {
      throw new OciError('BUNNY_EARCHIVE', 'the file changed while it was packed', {
        where: path,
        hint: 'run again when nothing writes to it',
      });
    }
    packer.pad(size);
  });
}
