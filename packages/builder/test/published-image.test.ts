import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type ArchiveEntry,
  type Descriptor,
  imageConfigType,
  imageLayerGzipType,
  Layout,
  packArchive,
  packManifest,
  pushBytes,
  Store,
} from 'bunny-libos-oci';
import { mediaTypes } from 'bunny-libos-spec';
import { type PublishedImage, readImages, readOrigin, unpackImage } from '../src/images/published-image.js';

/** What strangers may have pushed: it is refused or read as nothing, and is never a bug of ours. */
describe('an image that strangers made', () => {
  let directory: string;
  let layout: Layout;
  before(() => {
    directory = mkdtempSync(join(tmpdir(), 'bunny-strangers-'));
    layout = new Layout(join(directory, 'layout'));
  });
  after(() => rmSync(directory, { recursive: true }));

  const bytes = (value: unknown) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
  const image = async (config: unknown, entries: ArchiveEntry[] = []): Promise<Descriptor> => {
    const { bytes: layer } = await packArchive(entries);
    return await packManifest(layout, {
      config: await pushBytes(layout, imageConfigType, bytes(config)),
      layers: [await pushBytes(layout, imageLayerGzipType, layer)],
    });
  };
  const read = async ({ digest }: Descriptor): Promise<PublishedImage> => {
    const [only] = (await readImages(layout, digest)) ?? [];
    assert.ok(only !== undefined);
    return only;
  };

  it('may have any configuration', async () => {
    for (const config of [
      null,
      [],
      'text',
      { config: null },
      { config: 3, architecture: 3 },
      { config: { Cmd: 'sh', Entrypoint: [1, 'a'], Env: { A: 'b' } } },
    ]) {
      const text = config === 'text' ? '"text"' : JSON.stringify(config);
      const { arch, cmd, entrypoint, envs } = await read(await image(text));
      assert.deepEqual([arch, cmd, envs], ['', [], []], text);
      assert.ok(entrypoint.length <= 1);
    }
    await assert.rejects(image('{').then(read), { code: 'BUNNY_EMANIFEST' });
    const artifact = await packManifest(layout, { artifactType: 'application/x.test' });
    assert.deepEqual(await readImages(layout, artifact.digest), []);
    assert.equal(await readImages(layout, 'none'), undefined);
  });

  it('may have anything for its build record', async () => {
    assert.equal(await readOrigin(layout, await read(await image({ none: 1 }))), undefined);
    const records: unknown[] = [null, 3, [], {}, '{', { settings: null }, { settings: {}, tooling: null }];
    for (const [index, record] of records.entries()) {
      const subject = await image({ index });
      await packManifest(layout, {
        artifactType: mediaTypes.buildRecord,
        layers: [
          await pushBytes(layout, mediaTypes.buildRecordLayer, bytes(record)),
          await pushBytes(layout, mediaTypes.toolingRules, bytes(record)),
        ],
        subject,
      });
      await assert.rejects(readOrigin(layout, await read(subject)), /./u, JSON.stringify(record));
      const error = await readOrigin(layout, await read(subject)).catch((each: unknown) => each);
      assert.match(String((error as { code?: unknown }).code), /^BUNNY_E/);
    }
    const subject = await image({ without: 'layers' });
    await packManifest(layout, { artifactType: mediaTypes.buildRecord, subject });
    await assert.rejects(readOrigin(layout, await read(subject)), { code: 'BUNNY_EMETADATA' });
  });

  it('may have no kernel, or a link for one', async () => {
    const store = await Store.open(join(directory, 'store'));
    for (const entries of [
      [],
      [{ path: '.boot/kernel', linkname: '/etc/passwd' }],
      [{ path: '.boot', linkname: '/etc' }],
      [{ path: '.boot/kernel' }],
    ]) {
      const stranger = await read(await image({ entries }, entries));
      await assert.rejects(unpackImage(store, layout, stranger), { code: 'BUNNY_EKERNEL' });
    }
    const kernel = { path: '.boot/kernel', content: 'kernel' };
    const rootfs = { path: '.boot/rootfs', linkname: '/etc/passwd' };
    const booted = await unpackImage(store, layout, await read(await image({}, [kernel, rootfs])));
    assert.equal(booted.rootfs, undefined);
  });
});
