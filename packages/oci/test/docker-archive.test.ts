import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryDirectory } from 'bunny-libos-testing/files/temporary.js';
import { packEntries, type StreamedEntry } from '../src/archive/entry-pack.js';
import {
  type Descriptor,
  imageConfigType,
  imageLayerGzipType,
  Layout,
  packArchive,
  packIndex,
  packManifest,
  pruneLayout,
  pushBytes,
  writeDockerArchive,
} from '../src/index.js';

describe('an archive for docker load', () => {
  let directory: string;
  let layout: Layout;
  before(async () => {
    directory = await temporaryDirectory('docker-archive');
    layout = new Layout(join(directory, 'layout'));
  });

  /** An image of two layers, of which the first is there twice. */
  const image = async (change: (diffIds: string[]) => string[] = (same) => same): Promise<Descriptor> => {
    const layers: Descriptor[] = [];
    const diffIds: string[] = [];
    for (const path of ['a', 'b', 'a']) {
      const { bytes, diffId } = await packArchive([{ path, content: path.repeat(700) }]);
      layers.push(await pushBytes(layout, imageLayerGzipType, bytes));
      diffIds.push(diffId);
    }
    const rootfs = { type: 'layers', diff_ids: change(diffIds) };
    const config = Buffer.from(JSON.stringify({ architecture: 'amd64', os: 'linux', rootfs }));
    return await packManifest(layout, { config: await pushBytes(layout, imageConfigType, config), layers });
  };
  const write = (digest: string, name = 'out.tar') =>
    writeDockerArchive(layout, digest, join(directory, name), 'demo/hello:1');
  const content = (path: string, name = 'out.tar') =>
    execFileSync('tar', ['-xOf', join(directory, name), path]);

  it('has configuration, each layer as a plain tar once, and what it is called; always the same bytes', async () => {
    const { digest } = await image();
    await write(digest);
    const [entry] = JSON.parse(content('manifest.json').toString()) as {
      Config: string;
      RepoTags: string[];
      Layers: string[];
    }[];
    assert.ok(entry !== undefined);
    assert.deepEqual(entry.RepoTags, ['demo/hello:1']);
    assert.equal(entry.Layers.length, 3);
    assert.equal(entry.Layers[0], entry.Layers[2]);
    assert.equal(JSON.parse(content(entry.Config).toString()).architecture, 'amd64');
    const listed = execFileSync('tar', ['-tf', join(directory, 'out.tar')], { encoding: 'utf8' });
    assert.equal(listed.trim().split('\n').length, 4);
    const inner = execFileSync('tar', ['-xOf', '-', 'b'], { input: content(entry.Layers[1] ?? '') });
    assert.equal(inner.toString(), 'b'.repeat(700));
    await write(digest, 'again.tar');
    assert.ok(readFileSync(join(directory, 'again.tar')).equals(readFileSync(join(directory, 'out.tar'))));
  });

  it('takes the place of an archive, and of no other file', async () => {
    const { digest } = await image();
    const source = join(directory, 'main.c');
    writeFileSync(source, 'int main(void) { return 0; }\n'.repeat(20));
    const before = readFileSync(source);
    await assert.rejects(write(digest, 'main.c'), { code: 'BUNNY_EEXISTS', where: source });
    assert.ok(readFileSync(source).equals(before));
    writeFileSync(source, '');
    await write(digest, 'main.c');
    await write(digest, 'main.c');
    assert.equal(JSON.parse(content('manifest.json', 'main.c').toString()).length, 1);
  });

  it('is not written of an index, of what is no image, nor where a layer is another; the former one stays', async () => {
    writeFileSync(join(directory, 'kept.tar'), 'former');
    const one = await image();
    const index = await packIndex(layout, { manifests: [one] });
    const artifact = await packManifest(layout, { artifactType: 'application/x.test' });
    const wrong = await image(([first = '', , last = '']) => [first, first, last]);
    for (const [{ digest }, code] of [
      [index, 'BUNNY_EMANIFEST'],
      [artifact, 'BUNNY_EMANIFEST'],
      [wrong, 'BUNNY_EDIGEST'],
      [{ digest: `sha256:${'0'.repeat(64)}` }, 'BUNNY_ENOTFOUND'],
    ] as const) {
      await assert.rejects(write(digest, 'kept.tar'), { code });
    }
    assert.equal(readFileSync(join(directory, 'kept.tar'), 'utf8'), 'former');
    assert.deepEqual(
      readdirSync(directory).filter((name) => name.includes('partial')),
      [],
    );
  });
});

describe('entries that are packed as a layer', () => {
  it('have their directories, are the same as from memory, and are refused where a length is another', async () => {
    const directory = await temporaryDirectory('entry-pack');
    const output = join(directory, 'layer');
    const file = (path: string, text: string, size = text.length): StreamedEntry => ({
      ...{ path, kind: 'file', size, mode: 0o100 },
      content: [Buffer.from(text)],
    });
    const packed = await packEntries(
      [
        { path: 'd/link', kind: 'symlink', linkname: '../a' },
        file('a/b/c', '12345'),
        { path: 'a', kind: 'directory' },
      ],
      output,
    );
    const { bytes, ...same } = await packArchive([
      ...[{ path: 'a' }, { path: 'a/b' }, { path: 'a/b/c', content: '12345', mode: 0o755 }],
      ...[{ path: 'd' }, { path: 'd/link', linkname: '../a' }],
    ]);
    assert.deepEqual(packed, same);
    assert.ok(readFileSync(output).equals(Buffer.from(bytes)));
    for (const size of [4, 6]) {
      const other = packEntries([file('a', '12345', size)], join(directory, 'other'));
      await assert.rejects(other, { code: 'BUNNY_EARCHIVE' });
    }
    assert.deepEqual(readdirSync(directory), ['layer']);
  });
});

describe('a layout that is pruned', () => {
  it('keeps what has a name, with all below it and all that refers to that, and nothing else', async () => {
    const directory = await temporaryDirectory('prune');
    const layout = new Layout(directory);
    const artifactType = 'application/x.test';
    const blob = (text: string) => pushBytes(layout, 'application/x.blob', Buffer.from(text));
    const artifact = async (text: string, subject?: Descriptor) =>
      packManifest(layout, { artifactType, layers: [await blob(text)], subject });
    const kept = await artifact('kept');
    const listed = await artifact('listed');
    const index = await packIndex(layout, { manifests: [listed] });
    const signature = await artifact('signature', listed);
    const onSignature = await artifact('on the signature', signature);
    const lost = await artifact('lost');
    const ofLost = await artifact('of lost', lost);
    await layout.tag(kept, 'kept');
    await layout.tag(index, 'index');
    await layout.tag(lost, 'moved');
    await layout.tag(kept, 'moved');
    await pruneLayout(directory);
    for (const each of [kept, listed, index, signature, onSignature]) assert.ok(await layout.exists(each));
    for (const each of [lost, ofLost]) assert.ok(!(await layout.exists(each)));
    for (const text of ['lost', 'of lost']) {
      const digest = execFileSync('sha256sum', { input: text, encoding: 'utf8' }).split(' ')[0];
      assert.ok(!readdirSync(join(directory, 'blobs/sha256')).includes(digest ?? ''), text);
    }
    assert.deepEqual(
      (await layout.referrers(listed)).map(({ digest }) => digest),
      [signature.digest],
    );
    assert.deepEqual(await layout.referrers(lost), []);
    const before = readdirSync(join(directory, 'blobs/sha256'));
    await pruneLayout(directory);
    assert.deepEqual(readdirSync(join(directory, 'blobs/sha256')), before);
    await pruneLayout(join(directory, 'nowhere'));
  });
});
