import { OciError } from '../content/errors.js';
import { byCodeUnit, normalMode, type PackedArchive, type Packer } from './pack.js';
import { packInto } from './pack-into.js';

/** Something on its way into an archive: the bytes of a file come from wherever they are made. */
export type StreamedEntry = {
  /** Relative, `/` between parts, no `.` or `..`. */
  path: string;
} & (
  | { kind: 'directory' }
  | { kind: 'symlink'; linkname: string }
  | {
      kind: 'file';
      /** Bytes of the content. */
      size: number;
      /** Files with any executable bit are 0755, others 0644. */
      mode?: number | undefined;
      content: Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
    }
);

/**
 * Packs entries into the gzip'd tar `output`, streaming, below directories that need no entry of their own; as
 * deterministic as `packArchive`. Throws BUNNY_EARCHIVE where a file has another length than it says, and as `packInto`.
 */
export async function packEntries(
  entries: readonly StreamedEntry[],
  output: string,
  options: { signal?: AbortSignal | undefined } = {},
): Promise<PackedArchive> {
  const directories = new Set<string>();
  return await packInto(output, options, async (packer, flush) => {
    const addDirectory = (path: string) => {
      if (directories.has(path)) return;
      directories.add(path);
      packer.header({ path, kind: 'directory', mode: 0o755, size: 0 });
    };
    for (const entry of [...entries].sort(byCodeUnit)) {
      const parts = entry.path.split('/');
      for (let depth = 1; depth < parts.length; depth++) addDirectory(parts.slice(0, depth).join('/'));
      if (entry.kind === 'directory') addDirectory(entry.path);
      else await writeEntry(packer, entry, flush);
    }
  });
}

async function writeEntry(
  packer: Packer,
  entry: Exclude<StreamedEntry, { kind: 'directory' }>,
  flush: () => Promise<void>,
): Promise<void> {
  const { path, kind } = entry;
  if (kind === 'symlink') {
    packer.header({ path, kind, mode: 0o777, size: 0, linkname: entry.linkname });
    return;
  }
  const { size, mode = 0, content } = entry;
  packer.header({ path, kind, mode: normalMode(mode), size });
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
}
