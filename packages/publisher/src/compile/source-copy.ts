import { readFile } from 'node:fs/promises';
import { OnceMap } from 'bunny-libos-oci';
import { withNamedFile } from 'bunny-libos-tooling';
import type { LocalComponent } from '../plan/component-directory.js';
import { outsideTree } from '../plan/source-tree.js';
import type { FileTree } from './header-tree.js';

/** What takes a whole file into an object: no dependency file names that, but for `#embed` of newest compilers. */
const embedding = /incbin|#\s*embed\b/i;

/** No source is larger. Bytes. */
const largestSource = 4 * 1024 * 1024;

/** Tells of components whether a file may get into their objects that nothing tells of afterwards. */
export class Embedding {
  readonly #known = new OnceMap<LocalComponent, boolean>();

  /** Whether a file of the source tree embeds files, or mentions it. */
  isIn(local: LocalComponent): Promise<boolean> {
    return this.#known.get(local, async () => {
      for (const { path } of local.files) if (embedding.test(await sourceText(local, path))) return true;
      return false;
    });
  }
}

/** '' for what is too large to be a source. */
async function sourceText({ directory, document }: LocalComponent, path: string): Promise<string> {
  const named = { directory, path, where: document.at(['sources']) };
  const gone = () => outsideTree(path, named.where);
  return await withNamedFile(named, gone, ({ status, place }) =>
    status.size > largestSource ? '' : readFile(place, 'latin1'),
  );
}

/**
 * The source tree of a component by itself: what stands beside it in the component's directory cannot get into an object
 * of which the layer hash would know nothing. Named after what is in it, so that it never changes.
 */
export function sourceCopy(local: LocalComponent): FileTree {
  const { name, version } = local.document.value;
  return {
    path: `source/${name}-${version}-${local.source.slice(7, 23)}`,
    local,
    files: local.files.map(({ path, digest }) => ({ name: path, source: path, digest })),
  };
}
