import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs, {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { describe as describeBytes, pushBytes } from '../content/content.js';
import { type Descriptor, type Index, manifestType } from '../content/descriptor.js';
import { packManifest } from '../content/manifest-writing.js';
import { Layout } from './layout.js';
import { LayoutIndex } from './layout-index.js';
import { removeTree } from './remove-tree.js';

function pushManifest(layout: Layout, note: string): Promise<Descriptor> {
  return packManifest(layout, { artifactType: 'application/vnd.test', annotations: { note } });
}

describe('image layouts', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(path.join(tmpdir(), 'bunny-layout-'));
  });
  afterEach(() => removeTree(directory));

  const index = (): Index => JSON.parse(readFileSync(path.join(directory, 'index.json'), 'utf8')) as Index;

  it('name a manifest by its repository and tag', async () => {
    const layout = new Layout(directory, 'warren/libc');
    const manifest = await pushManifest(layout, 'a');
    await layout.tag(manifest, '1.0.0');
    const bare = new Layout(directory);
    await bare.tag(manifest, 'latest');
    const names = index().manifests.map((each) => each.annotations?.['org.opencontainers.image.ref.name']);
    assert.deepEqual(names, ['warren/libc:1.0.0', 'latest']);
    assert.deepEqual(await layout.tags(), ['1.0.0']);
    assert.deepEqual(await bare.tags(), ['latest']);
    assert.deepEqual(await new Layout(directory, 'warren').tags(), []);
  });

  it('have only regular files read, whatever else whoever made them put there', async () => {
    const layout = new Layout(directory, 'a');
    const manifest = await pushManifest(layout, 'a');
    await layout.tag(manifest, '1');
    const blob = path.join('blobs', manifest.digest.replace(':', '/'));
    const noFile = { code: 'BUNNY_ENOFILE' };
    const drained = async (target: Layout) => {
      for await (const _ of target.fetch(manifest));
    };
    for (const name of [blob, 'oci-layout', 'index.json']) {
      const file = path.join(directory, name);
      const bytes = readFileSync(file);
      for (const make of [() => execFileSync('mkfifo', [file]), () => symlinkSync('/dev/zero', file)]) {
        rmSync(file);
        make();
        if (name === blob) {
          await assert.rejects(drained(layout), noFile);
          await assert.rejects(layout.fetchManifest('1'), noFile);
        } else if (name === 'index.json') await assert.rejects(new LayoutIndex(directory).entries(), noFile);
        else await assert.rejects(new LayoutIndex(directory).initialise(), noFile);
      }
      rmSync(file);
      writeFileSync(file, bytes);
    }
    assert.deepEqual(await layout.tags(), ['1']);
  });

  it('have on the disk what their index names before it does, so that a power cut leaves it whole', async () => {
    const synchronised = new Set<number>();
    const { fdatasync } = fs;
    fs.fdatasync = Object.assign((fd: number, done: fs.NoParamCallback) => {
      fdatasync(fd, (error) => {
        if (error === null) synchronised.add(fs.fstatSync(fd).ino);
        done(error);
      });
    }, fdatasync);
    syncBuiltinESMExports();
    try {
      const layout = new Layout(directory, 'a');
      const small = await pushBytes(layout, 'text/plain', Buffer.from('small'));
      const bytes = Buffer.alloc(3_000_000, 'large');
      const large = describeBytes('text/plain', bytes);
      await layout.push(large, () =>
        Readable.from([bytes.subarray(0, 2_000_000), bytes.subarray(2_000_000)]),
      );
      const manifest = await pushManifest(layout, '1');
      for (const { digest } of [small, large, manifest]) {
        const file = path.join(directory, 'blobs', digest.replace(':', path.sep));
        assert.ok(synchronised.has(statSync(file).ino), digest);
      }
    } finally {
      fs.fdatasync = fdatasync;
      syncBuiltinESMExports();
    }
  });

  it('move a tag without a trace of the old one', async () => {
    const layout = new Layout(directory, 'a');
    const [first, second] = [await pushManifest(layout, '1'), await pushManifest(layout, '2')];
    await layout.tag(first, 'x');
    await layout.tag(second, 'x');
    await layout.tag(second, 'x');
    assert.deepEqual(
      index().manifests.map((each) => each.digest),
      [second.digest],
    );
    assert.deepEqual((await layout.resolve('x'))?.digest, second.digest);
  });

  it('show at once what another writer has written', async () => {
    const [mine, theirs] = [new LayoutIndex(directory), new LayoutIndex(directory)];
    await mine.initialise();
    for (let i = 0; i < 20; i++) {
      const writer = i % 2 === 0 ? mine : theirs;
      await writer.update((entries) => {
        entries.push({ mediaType: manifestType, digest: `sha256:${String(i).padStart(64, '0')}`, size: i });
        return true;
      });
      assert.equal((await mine.entries()).length, i + 1);
      assert.equal((await theirs.entries()).length, i + 1);
    }
  });

  it('lose no change of writers at the same time', async () => {
    const writers = Array.from({ length: 4 }, () => new LayoutIndex(directory));
    await writers[0]?.initialise();
    await Promise.all(
      Array.from({ length: 40 }, (_, i) =>
        (writers[i % 4] as LayoutIndex).update((entries) => {
          entries.push({ mediaType: manifestType, digest: `sha256:${String(i).padStart(64, '0')}`, size: i });
          return true;
        }),
      ),
    );
    assert.equal((await new LayoutIndex(directory).entries()).length, 40);
    assert.deepEqual(readdirSync(directory).sort(), ['.lock', 'index.json', 'oci-layout']);
  });

  it('go on after a change that failed', async () => {
    const layout = new LayoutIndex(directory);
    await layout.initialise();
    const failing = layout.update(() => {
      throw new Error('no');
    });
    await assert.rejects(failing, /no/);
    await layout.update(
      (entries) => entries.push({ mediaType: manifestType, digest: `sha256:${'0'.repeat(64)}`, size: 1 }) > 0,
    );
    assert.equal((await layout.entries()).length, 1);
  });

  it('that are no layouts, or broken ones, are refused', async () => {
    const layout = new Layout(directory, 'a');
    for (const broken of [
      '',
      '{',
      '[]',
      '{"schemaVersion":2,"manifests":[{"size":-1}]}',
      '{"schemaVersion":1,"manifests":[]}',
    ]) {
      writeFileSync(path.join(directory, 'index.json'), broken);
      await assert.rejects(
        layout.tags(),
        { code: 'BUNNY_EMANIFEST', where: path.join(directory, 'index.json') },
        broken,
      );
    }
    writeFileSync(path.join(directory, 'oci-layout'), '{"imageLayoutVersion":"2.0.0"}');
    await assert.rejects(
      layout.push({ mediaType: 'a/b', digest: `sha256:${'0'.repeat(64)}`, size: 0 }, new Uint8Array(0)),
      { code: 'BUNNY_EMANIFEST' },
    );
  });

  it('with a corrupt manifest say so', async () => {
    const layout = new Layout(directory, 'a');
    const manifest = await pushManifest(layout, '1');
    await layout.tag(manifest, 'x');
    const file = path.join(directory, 'blobs/sha256', manifest.digest.slice(7));
    await removeTree(file);
    await assert.rejects(layout.fetchManifest('x'), { code: 'BUNNY_ENOTFOUND', hint: /copy it again/ });
    writeFileSync(file, '{"schemaVersion":2}');
    await assert.rejects(layout.fetchManifest('x'), { code: 'BUNNY_EDIGEST' });
  });

  it('cannot be made where a file stands in the way', async () => {
    const file = path.join(directory, 'file');
    writeFileSync(file, '');
    await assert.rejects(pushManifest(new Layout(file), 'x'), { code: 'BUNNY_EIO', exitStatus: 74 });
  });

  it('read no more of a stranger than a manifest or index can have', async () => {
    const layout = new Layout(directory, 'a');
    const manifest = await pushManifest(layout, '1');
    await layout.tag(manifest, 'x');
    const huge = `sha256:${'a'.repeat(64)}`;
    const blob = path.join(directory, 'blobs/sha256', 'a'.repeat(64));
    writeFileSync(blob, '');
    truncateSync(blob, 3 * 2 ** 30);
    const entry = { mediaType: manifestType, digest: huge, size: 3 * 2 ** 30 };
    const annotations = { 'org.opencontainers.image.ref.name': 'a:huge' };
    const manifests = [...index().manifests, { ...entry, annotations }];
    writeFileSync(path.join(directory, 'index.json'), JSON.stringify({ ...index(), manifests }));
    await assert.rejects(layout.fetchManifest('huge'), { code: 'BUNNY_ELIMIT' });
    await assert.rejects(layout.referrers(manifest), { code: 'BUNNY_ELIMIT' });
    truncateSync(path.join(directory, 'index.json'), 3 * 2 ** 30);
    await assert.rejects(layout.tags(), { code: 'BUNNY_ELIMIT' });
  });
});
