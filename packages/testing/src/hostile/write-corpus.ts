import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { repositoryFile } from '../repository.js';
import { hostileArchives } from './archives.js';
import { hostileManifests } from './manifests.js';

/** Writes `fixtures/hostile` anew: `node packages/testing/dist/src/hostile/write-corpus.js`. */
const corpus = repositoryFile('fixtures/hostile');

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
