import { join } from 'node:path';
import { bunnyDone } from '../command/bunny.js';
import { writeFiles } from '../files/documents.js';
import { temporaryDirectory } from '../files/temporary.js';
import { writeTinyLibos } from './tiny.js';

/** `a 2.0.0`: the ranges of what it needs. */
export type Universe = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** A framework `tiny` whose components hold nothing and need one another. */
export interface TinyUniverse {
  /** `oci:…` */
  registry: string;
  store: string;
  publish(universe: Universe): Promise<void>;
}

/** Publishes one to an image layout of its own. */
export async function tinyUniverse(universe: Universe): Promise<TinyUniverse> {
  const directory = await temporaryDirectory('universe');
  const [registry, store] = [`oci:${join(directory, 'registry')}`, join(directory, 'store')];
  await writeTinyLibos(directory);
  await bunnyDone(['publish', join(directory, 'tooling'), '--to', registry], { store });
  let published = 0;
  const publish = async (more: Universe) => {
    const place = join(directory, `components-${published++}`);
    for (const [key, needs] of Object.entries(more)) {
      const [name = '', version = ''] = key.split(' ');
      await writeFiles(join(place, key.replace(' ', '-')), {
        'component.yaml': [
          'framework: tiny',
          `name: ${name}`,
          `version: ${version}`,
          `dependencies: ${JSON.stringify(needs)}`,
          'affectedBy: [arch]',
          'sources: []',
          'matrix: { arch: [amd64] }',
          '',
        ].join('\n'),
      });
    }
    await bunnyDone(['publish', place, '--to', registry], { store });
  };
  await publish(universe);
  return { registry, store, publish };
}
