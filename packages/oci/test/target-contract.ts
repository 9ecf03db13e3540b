import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { emptyDescriptorType, emptyJson, pushArtifact } from 'bunny-libos-testing/registries/artifacts.js';
import { describe as descriptorOf, pushBytes, readBytes } from '../src/content/content.js';
import { copy } from '../src/content/copy.js';
import { type Descriptor, manifestType } from '../src/content/descriptor.js';
import { indexBytes, packIndex } from '../src/content/manifest-writing.js';
import type { Target } from '../src/content/target.js';

const absent: Descriptor = {
  mediaType: 'application/octet-stream',
  digest: `sha256:${'0'.repeat(64)}`,
  size: 3,
};
const code = (wanted: string) => ({ code: wanted });

/**
 * What every target promises, whatever is behind it. `open` gives one repository of it by its path. `keepsTags` is for
 * registries that keep the tags of a manifest which was deleted.
 */
export function itKeepsTheContract(open: (path: string) => Target, { keepsTags = false } = {}): void {
  it('brings blobs back as they were pushed, of any size', async () => {
    const target = open('contract/blobs');
    for (const size of [0, 1, 1000, 300_000, 3_000_000]) {
      const bytes = randomBytes(size);
      const descriptor = descriptorOf('application/octet-stream', bytes);
      assert.equal(await target.exists(descriptor), false);
      let moved = 0;
      const streamed = async function* (): AsyncGenerator<Uint8Array> {
        for (let at = 0; at < size; at += 70_000) yield bytes.subarray(at, at + 70_000);
      };
      await target.push(descriptor, size % 2 === 0 ? bytes : streamed, {
        onBytes: (n) => {
          moved += n;
        },
      });
      assert.ok(moved === size || moved === 0, `${moved} of ${size}`);
      assert.equal(await target.exists(descriptor), true);
      await target.push(descriptor, bytes);
      assert.deepEqual(Buffer.from(await readBytes(target, descriptor)), bytes);
    }
  });

  it('refuses content that does not fit its descriptor', async () => {
    const target = open('contract/refused');
    const bytes = randomBytes(1000);
    const descriptor = descriptorOf('application/octet-stream', bytes);
    const wrong = Buffer.from(bytes);
    wrong[500] = (wrong[500] ?? 0) ^ 1;
    const stream = (content: Uint8Array) =>
      async function* (): AsyncGenerator<Uint8Array> {
        yield content;
      };
    await assert.rejects(target.push(descriptor, wrong));
    await assert.rejects(target.push(descriptor, stream(wrong)));
    await assert.rejects(target.push(descriptor, stream(bytes.subarray(1))));
    await assert.rejects(target.push(descriptor, stream(Buffer.concat([bytes, bytes]))));
    assert.equal(await target.exists(descriptor), false);
  });

  it('says what it does not have', async () => {
    const target = open('contract/absent');
    assert.equal(await target.resolve('none'), undefined);
    assert.equal(await target.resolve(absent.digest), undefined);
    assert.equal(await target.fetchManifest('none'), undefined);
    assert.deepEqual(await target.tags(), []);
    assert.deepEqual(await target.referrers(absent), []);
    assert.equal(await target.exists(absent), false);
    await assert.rejects(readBytes(target, absent), code('BUNNY_ENOTFOUND'));
    await assert.rejects(target.tag({ ...absent, mediaType: manifestType }, 'x'), code('BUNNY_ENOTFOUND'));
    await assert.rejects(target.delete('none'), code('BUNNY_ENOTFOUND'));
    await assert.rejects(target.resolve('not/a tag'), code('BUNNY_EREFERENCE'));
  });

  it('resolves tags and digests to the same manifest, and moves tags', async () => {
    const target = open('contract/tags');
    const first = await pushArtifact(target, { tag: '1.0.0_0123456789abcdef' });
    const second = await pushArtifact(target, { tag: 'latest' });
    const { mediaType, digest, size } = first.manifest;
    for (const reference of ['1.0.0_0123456789abcdef', digest]) {
      const resolved = await target.resolve(reference);
      assert.deepEqual([resolved?.mediaType, resolved?.digest, resolved?.size], [mediaType, digest, size]);
      const fetched = await target.fetchManifest(reference);
      assert.deepEqual(Buffer.from(fetched?.bytes ?? []), first.bytes);
      assert.deepEqual(fetched?.descriptor, {
        mediaType,
        digest,
        size,
        artifactType: 'application/vnd.bunny.test',
      });
    }
    await target.tag(first.manifest, 'latest');
    await assert.rejects(target.tag(first.manifest, second.manifest.digest), code('BUNNY_EREFERENCE'));
    assert.equal((await target.resolve('latest'))?.digest, digest);
    assert.equal((await target.resolve(second.manifest.digest))?.digest, second.manifest.digest);
    assert.deepEqual(await target.tags(), ['1.0.0_0123456789abcdef', 'latest']);
    assert.deepEqual(Buffer.from(await readBytes(target, first.manifest)), first.bytes);
  });

  it('lists many tags, sorted', async () => {
    const target = open('contract/many-tags');
    const { manifest } = await pushArtifact(target);
    const tags = Array.from({ length: 25 }, (_, i) => `t${(i * 7) % 25}`);
    await Promise.all(tags.map((tag) => target.tag(manifest, tag)));
    assert.deepEqual(await target.tags(), tags.sort());
  });

  it('finds what refers to a manifest, also when several are attached at the same time', async () => {
    const target = open('contract/referrers');
    const { manifest } = await pushArtifact(target, { tag: 'subject' });
    const types = [
      'application/vnd.a',
      'application/vnd.a',
      'application/vnd.b',
      'application/vnd.c',
      'application/vnd.c',
    ];
    const pushed = await Promise.all(
      types.map((artifactType) => pushArtifact(target, { subject: manifest, artifactType })),
    );
    const digests = pushed.map((each) => each.manifest.digest);
    assert.deepEqual(
      (await target.referrers(manifest)).map((each) => each.digest),
      [...digests].sort(),
    );
    const filtered = await target.referrers(manifest, 'application/vnd.a');
    assert.deepEqual(
      filtered.map((each) => each.digest),
      digests.slice(0, 2).sort(),
    );
    assert.equal(filtered[0]?.artifactType, 'application/vnd.a');
    await target.delete(digests[0] ?? '');
    assert.deepEqual(
      (await target.referrers(manifest)).map((each) => each.digest),
      digests.slice(1).sort(),
    );
    const other = await pushArtifact(target);
    assert.deepEqual(await target.referrers(other.manifest), []);
  });

  it('deletes tags, manifests and blobs', async () => {
    const target = open('contract/deleted');
    const { manifest, layer } = await pushArtifact(target, { tag: 'gone' });
    await target.delete('gone');
    assert.equal(await target.resolve('gone'), undefined);
    const again = await pushArtifact(target, { tag: 'again' });
    await target.delete(again.manifest.digest);
    if (keepsTags) await target.delete('again');
    assert.equal(await target.resolve('again'), undefined);
    assert.equal(await target.exists(again.manifest), false);
    await target.delete(layer.digest);
    assert.equal(await target.exists(layer), false);
    assert.deepEqual(await target.tags(), []);
    assert.equal(manifest.mediaType, manifestType);
  });

  it('copies a whole graph to another repository and keeps every digest', async () => {
    const [from, to] = [open('contract/from'), open('contract/to')];
    const children = [await pushArtifact(from), await pushArtifact(from)];
    const manifests = children.map((each) => each.manifest);
    const root = await packIndex(from, { manifests });
    await from.tag(root, 'all');
    const signature = await pushArtifact(from, {
      subject: manifests[0] as Descriptor,
      artifactType: 'application/vnd.signature',
    });
    const counts = { copied: 0, present: 0 };
    const onContent = (_: Descriptor, copied: boolean): void => {
      counts[copied ? 'copied' : 'present']++;
    };
    assert.equal(
      (await copy(from, to, 'all', { referrers: true, onContent, tags: ['all', 'also'] })).digest,
      root.digest,
    );
    assert.deepEqual(Buffer.from((await to.fetchManifest('also'))?.bytes ?? []), indexBytes({ manifests }));
    for (const { layer, manifest } of [...children, signature]) {
      assert.deepEqual(await readBytes(to, layer), await readBytes(from, layer));
      assert.ok(await to.exists(manifest));
    }
    assert.deepEqual(
      (await to.referrers(manifests[0] as Descriptor)).map((each) => each.digest),
      [signature.manifest.digest],
    );
    assert.ok(counts.copied + counts.present > 0);
    counts.copied = 0;
    await copy(from, to, 'all', { referrers: true, onContent });
    assert.equal(counts.copied, 0);
    await assert.rejects(copy(from, to, 'none'), code('BUNNY_ENOTFOUND'));
    assert.deepEqual(await readBytes(to, descriptorOf(emptyDescriptorType, emptyJson)), emptyJson);
  });

  it('stops when it is told to', async () => {
    const target = open('contract/stopped');
    const bytes = randomBytes(2_000_000);
    const descriptor = await pushBytes(target, 'application/octet-stream', bytes);
    const controller = new AbortController();
    const reading = (async () => {
      for await (const _ of target.fetch(descriptor, { signal: controller.signal })) controller.abort();
    })();
    await assert.rejects(reading, code('BUNNY_EABORTED'));
    const other = descriptorOf('application/octet-stream', randomBytes(1000));
    await assert.rejects(
      target.push(
        other,
        async function* () {
          yield new Uint8Array(10);
        },
        { signal: AbortSignal.abort() },
      ),
      code('BUNNY_EABORTED'),
    );
  });
}
