import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { hostileArchives } from './hostile-archives.js';
import { hostileManifests } from './hostile-manifests.js';

/** Writes `fixtures/hostile` anew: `node packages/oci/dist/test/write-hostile-corpus.js`. */
const corpus = fileURLToPath(new URL('../../../../fixtures/hostile', import.meta.url));

function write(
  kind: string,
  extension: string,
  documents: Readonly<Record<string, { bytes: () => Buffer }>>,
): void {
  const directory = path.join(corpus, kind);
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  for (const [name, { bytes }] of Object.entries(documents))
    writeFileSync(path.join(directory, name + extension), bytes());
}

write('archives', '.tar.gz', hostileArchives);
write('manifests', '.json', hostileManifests);
