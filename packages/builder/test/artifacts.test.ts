import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HeldDirectory } from 'bunny-libos-oci';
import { artifactTypes as namedByRules } from 'bunny-libos-spec';
import type { ArtifactType, Made, Writer } from '../src/artifacts/artifact.js';
import { artifactType } from '../src/artifacts/types.js';
import { writeArtifacts } from '../src/artifacts/write.js';

/** A type as somebody would add it: two files, of which one is not always there. */
const boxed: ArtifactType = {
  type: 'boxed',
  outputs: { box: '.box', label: '.label' },
  async write(files, { image }) {
    await files.copy('box', image);
    if (image.status.size > 3) await files.write('label', 'large');
  },
};

const told: Writer = {
  outputs: { told: '.json' },
  write: async (files) => {
    await files.write('told', JSON.stringify(files.digests));
  },
};

describe('artifacts', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'bunny-artifacts-'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  const write = async (content: string, writers: readonly Writer[]) => {
    writeFileSync(join(directory, 'linked'), content);
    const held = HeldDirectory.open(directory);
    const image = held.file('linked', { limit: 100 });
    held.close();
    const made: Made = { image, rootfs: undefined, linked: undefined };
    const out = join(directory, 'out', 'app');
    return await writeArtifacts(writers, made, { image: out, directory, output: out }).finally(() =>
      image.close(),
    );
  };
  const written = () => readdirSync(join(directory, 'out')).sort();

  it('are written by their type, and told by whoever comes after, with their digests', async () => {
    const paths = await write('kernel', [boxed, told]);
    assert.deepEqual(written(), ['app.box', 'app.json', 'app.label']);
    assert.deepEqual(Object.keys(paths), ['box', 'label', 'told']);
    assert.deepEqual(JSON.parse(readFileSync(paths.told ?? '', 'utf8')), {
      'app.box': 'sha256:6923dd1bc0460082c5d55a831908c24a282860b7f1cd6c2b79cf1bc8857c639c',
      'app.label': 'sha256:d35c416a85b807e9b5384915d6ebb4a9f7352713efd89857b45a242f473728a9',
    });
  });

  it('lose what a type does not write this time', async () => {
    await write('kernel', [boxed, told]);
    const paths = await write('k', [boxed, told]);
    assert.deepEqual(written(), ['app.box', 'app.json']);
    assert.deepEqual(Object.keys(paths), ['box', 'told']);
  });

  it('stay as they were, all of them, where one cannot be written', async () => {
    await write('kernel', [boxed, told]);
    const failing: Writer = { outputs: {}, write: () => Promise.reject(new Error('no')) };
    await assert.rejects(write('another kernel', [boxed, failing]), /no/);
    assert.deepEqual(written(), ['app.box', 'app.json', 'app.label']);
    assert.equal(readFileSync(join(directory, 'out', 'app.box'), 'utf8'), 'kernel');
  });

  it('have a type for each name that rules of a target may have', () => {
    for (const name of namedByRules) assert.equal(artifactType(name).type, name);
  });
});
