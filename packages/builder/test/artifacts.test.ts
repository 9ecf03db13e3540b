import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HeldDirectory } from 'bunny-libos-oci';
import { artifactTypes as namedByRules } from 'bunny-libos-spec';
import type { ArtifactType, Made, Report } from '../src/artifacts/artifact.js';
import { artifactTypes } from '../src/artifacts/types.js';
import { writeArtifacts } from '../src/artifacts/write.js';
import type { ImageFacts } from '../src/images/image-facts.js';

/** A type as somebody would add it: two files, of which one is not always there. */
const boxed: ArtifactType = {
  type: 'boxed',
  outputs: { box: '.box', label: '.label' },
  async write(files, { image }) {
    await files.copy('box', image);
    if (image.status.size > 3) await files.write('label', 'large');
    return undefined;
  },
};

const told: Report = { output: 'told', ending: '.json', of: (_made, written) => written };

/** One that puts what is told into itself, and is in another place. */
const taking = (taken: string[]): ArtifactType => ({
  type: 'taking',
  outputs: {},
  async write(files) {
    files.elsewhere({
      output: 'far',
      name: 'far:1',
      digest: 'sha256:0',
      path: '/far/1',
      commit: async () => {
        taken.push('named');
      },
    });
    return async (reports) => {
      taken.push(reports.told ?? '');
    };
  },
});

describe('artifacts', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'bunny-artifacts-'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  const write = async (
    content: string,
    types: readonly ArtifactType[],
    reports: readonly Report[] = [told],
  ) => {
    writeFileSync(join(directory, 'linked'), content);
    const held = HeldDirectory.open(directory);
    const image = held.file('linked', { limit: 100 });
    held.close();
    const facts: ImageFacts = {
      ...{ name: 'app', framework: 'small', arch: 'amd64', platform: undefined },
      ...{ entrypoint: [], cmd: [], envs: [], annotations: () => ({}) },
    };
    const made: Made = { facts, image, rootfs: undefined, linked: undefined, images: undefined };
    const out = join(directory, 'out', 'app');
    return await writeArtifacts({ types, reports }, made, { image: out, directory, output: out }).finally(
      () => image.close(),
    );
  };
  const written = () => readdirSync(join(directory, 'out')).sort();

  it('are written by their type, and told by whoever comes after, with their digests', async () => {
    const paths = await write('kernel', [boxed]);
    assert.deepEqual(written(), ['app.box', 'app.json', 'app.label']);
    assert.deepEqual(Object.keys(paths), ['box', 'label', 'told']);
    assert.deepEqual(JSON.parse(readFileSync(paths.told ?? '', 'utf8')), {
      'app.box': 'sha256:6923dd1bc0460082c5d55a831908c24a282860b7f1cd6c2b79cf1bc8857c639c',
      'app.label': 'sha256:d35c416a85b807e9b5384915d6ebb4a9f7352713efd89857b45a242f473728a9',
    });
  });

  it('lose what a type does not write this time', async () => {
    await write('kernel', [boxed]);
    const paths = await write('k', [boxed]);
    assert.deepEqual(written(), ['app.box', 'app.json']);
    assert.deepEqual(Object.keys(paths), ['box', 'told']);
  });

  it('stay as they were, all of them, where one cannot be written', async () => {
    await write('kernel', [boxed]);
    const failing: ArtifactType = {
      type: 'failing',
      outputs: {},
      write: () => Promise.reject(new Error('no')),
    };
    const taken: string[] = [];
    await assert.rejects(write('another kernel', [boxed, taking(taken), failing]), /no/);
    assert.deepEqual(taken, []);
    assert.deepEqual(written(), ['app.box', 'app.json', 'app.label']);
    assert.equal(readFileSync(join(directory, 'out', 'app.box'), 'utf8'), 'kernel');
  });

  it('may be in another place, hold what is told of them, and get their names with the others', async () => {
    const taken: string[] = [];
    const paths = await write('kernel', [taking(taken)]);
    assert.equal(paths.far, '/far/1');
    assert.deepEqual(taken, [readFileSync(paths.told ?? '', 'utf8'), 'named']);
    assert.deepEqual(JSON.parse(taken[0] ?? ''), { 'far:1': 'sha256:0' });
  });

  it('have a type for each name that rules of a target may have, and some that any image can have', () => {
    const types = (asked: string[] | undefined, named: readonly string[]) =>
      artifactTypes(asked, named, 'images are not made', 'here').map(({ type }) => type);
    for (const name of namedByRules) assert.deepEqual(types(undefined, [name]), [name]);
    assert.deepEqual(types(['oci', 'elf', 'oci'], ['elf']), ['oci', 'elf']);
    assert.throws(() => types(['elf'], ['iso']), {
      code: 'BUNNY_EARTIFACT',
      hint: 'choose a type that exists: oci',
    });
  });
});
