import { BunnyError, byText, type FileRecord } from '@bunny/spec';
import type { LocalComponent } from './component-directory.js';

/** A public header: where it is on disk, and how others include it. */
export interface PublicHeader extends FileRecord {
  /** Relative to the component's directory. */
  source: string;
}

/**
 * The public headers of a component, by their path in the layer (`include/…`), sorted. Several include
 * directories become one. Throws BUNNY_EDUPLICATE where two of them hold the same name.
 */
export function publicHeaders(local: LocalComponent): PublicHeader[] {
  const headers = new Map<string, PublicHeader>();
  for (const directory of local.document.value.include) {
    const prefix = directory === '.' ? '' : `${directory}/`;
    for (const file of local.files) {
      if (!file.path.startsWith(prefix)) continue;
      const path = `include/${file.path.slice(prefix.length)}`;
      const other = headers.get(path);
      if (other !== undefined) {
        throw new BunnyError('BUNNY_EDUPLICATE', `two headers would be included as ${path.slice(8)}`, {
          where: local.document.at(['include']),
          details: [other.source, file.path],
          hint: 'rename one of them',
        });
      }
      headers.set(path, { path, digest: file.digest, source: file.path });
    }
  }
  return [...headers.values()].sort(byText(({ path }) => path));
}
