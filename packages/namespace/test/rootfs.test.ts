import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import {
  type Descriptor,
  imageConfigType,
  imageLayerGzipType,
  Layout,
  type Manifest,
  Network,
  type OciError,
  packArchive,
  packIndex,
  packManifest,
  pushBytes,
  readBytes,
} from 'bunny-libos-oci';
import { annotations, type BunnyError, normaliseArchitecture, type RootfsSource } from 'bunny-libos-spec';
import { repositoryFile } from 'bunny-libos-testing/repository.js';
import { makeRootfs, planRootfs, type RootfsOptions } from '../src/rootfs/source.js';
import type { RootfsLayer } from '../src/tooling/rootfs-layer.js';

describe('the root filesystem of a tooling layer', () => {
  let directory: string;
  let cache: string;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'bunny-rootfs-'));
    cache = join(directory, 'cache');
    writeFileSync(join(directory, 'packages.txt'), 'gcc\n');
    writeFileSync(
      join(directory, 'make-root'),
      '#!/bin/sh\necho run >> runs\nmkdir -p "$2/usr/bin"\ncp packages.txt "$2/usr/$1"\nln -s usr/bin "$2/bin"\n',
    );
    chmodSync(join(directory, 'make-root'), 0o755);
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  const network = new Network();
  const command = { command: { run: ['./make-root', 'list'], inputs: ['packages.txt'] } };
  const plan = (source: RootfsSource, more: Partial<RootfsOptions> = {}) =>
    planRootfs({ rootfs: source }, { directory, network, cache, allowCommands: true, ...more });
  const make = async (source: RootfsSource): Promise<RootfsLayer> => {
    const [layer, ...others] = await makeRootfs(await plan(source));
    assert.ok(layer !== undefined && others.length === 0);
    return layer;
  };
  const listing = async (layer: RootfsLayer): Promise<string> => {
    const { content } = layer;
    assert.ok(typeof content === 'function');
    const chunks: Uint8Array[] = [];
    for await (const chunk of content()) chunks.push(chunk);
    return execFileSync('tar', ['-t'], { input: gunzipSync(Buffer.concat(chunks)), encoding: 'utf8' });
  };
  const runs = () => readFileSync(join(directory, 'runs'), 'utf8').split('\n').length - 1;

  it('runs a program once, and again only when it or an input changes', async () => {
    const first = await make(command);
    assert.equal(await listing(first), 'bin\nusr/\nusr/bin/\nusr/list\n');
    const second = await make(command);
    assert.deepEqual([second.descriptor, second.diffId], [first.descriptor, first.diffId]);
    assert.equal(runs(), 1);
    writeFileSync(join(directory, 'unrelated'), '');
    await make(command);
    assert.equal(runs(), 1);
    writeFileSync(join(directory, 'packages.txt'), 'clang\n');
    assert.notEqual((await make(command)).diffId, first.diffId);
    assert.equal(runs(), 2);
    await make({ command: { ...command.command, run: ['./make-root', 'other'] } });
    assert.equal(runs(), 3);
    writeFileSync(join(directory, 'packages.txt'), 'gcc\n');
    assert.equal((await make(command)).diffId, first.diffId);
    assert.equal(runs(), 3);
    assert.deepEqual(
      readdirSync(join(cache, 'rootfs')).filter((name) => name.startsWith('.')),
      [],
    );
  });

  it('lays a directory over it as a layer of its own, which changes without the rest being made again', async () => {
    mkdirSync(join(directory, 'over/usr/bin'), { recursive: true });
    const script = join(directory, 'over/usr/bin/finish');
    const both = async () => {
      const tooling = { rootfs: command, overlay: 'over' };
      const [below, above, ...others] = await makeRootfs(
        await planRootfs(tooling, { directory, network, cache, allowCommands: true }),
      );
      assert.ok(below !== undefined && above !== undefined && others.length === 0);
      return { below: below.diffId, above: above.diffId, files: await listing(above) };
    };
    writeFileSync(script, 'strip "$1"\n');
    const first = await both();
    assert.equal(first.below, (await make(command)).diffId);
    assert.equal(first.files, 'usr/\nusr/bin/\nusr/bin/finish\n');
    writeFileSync(script, 'objcopy "$1"\n');
    const second = await both();
    assert.equal(second.below, first.below);
    assert.notEqual(second.above, first.above);
    assert.equal(runs(), 1);
  });

  it('tells what the program said when it fails, and keeps nothing', async () => {
    writeFileSync(
      join(directory, 'make-root'),
      '#!/bin/sh\nmkdir "$2/half"\necho no such package >&2\nexit 3\n',
    );
    await assert.rejects(make(command), (error: BunnyError) => {
      assert.equal(error.code, 'BUNNY_EROOTFS');
      assert.equal(error.exitStatus, 5);
      assert.match(error.message, /status 3/);
      assert.deepEqual(error.details, ['no such package']);
      return true;
    });
    assert.deepEqual(readdirSync(join(cache, 'rootfs')), []);
  });

  it('takes an empty root for a failure', async () => {
    writeFileSync(join(directory, 'make-root'), '#!/bin/sh\necho nothing to do\n');
    await assert.rejects(make(command), (error: BunnyError) => {
      assert.equal(error.code, 'BUNNY_EROOTFS');
      assert.equal(error.message, 'the program that makes the root filesystem wrote nothing');
      assert.deepEqual(error.details, ['nothing to do']);
      return true;
    });
    assert.deepEqual(readdirSync(join(cache, 'rootfs')), []);
  });

  it('keeps nothing when it is cancelled: the program and all that it has started end, and may clean up', async () => {
    writeFileSync(
      join(directory, 'make-root'),
      [
        '#!/bin/sh',
        "trap 'echo cleaning; rm -r scratch' EXIT",
        "trap 'exit 1' TERM",
        'mkdir scratch',
        "sh -c 'while true; do date +%s%N > beat; sleep 0.02; done' &",
        'while [ ! -e beat ]; do sleep 0.02; done',
        'sleep 60 &',
        'echo begun',
        'wait',
        '',
      ].join('\n'),
    );
    const cancel = new AbortController();
    const lines: string[] = [];
    const onLine = (line: string) => {
      lines.push(line);
      if (line === 'begun') cancel.abort();
    };
    await assert.rejects(makeRootfs(await plan(command, { signal: cancel.signal, onLine })), {
      code: 'BUNNY_ECANCELLED',
    });
    assert.ok(lines.includes('cleaning'), lines.join('\n'));
    assert.equal(existsSync(join(directory, 'scratch')), false);
    const beat = readFileSync(join(directory, 'beat'), 'utf8');
    await sleep(100);
    assert.equal(readFileSync(join(directory, 'beat'), 'utf8'), beat);
    assert.deepEqual(readdirSync(join(cache, 'rootfs')), []);
  });

  it('says what is missing: the program, an input, the directory, the source', async () => {
    await assert.rejects(
      make({ command: { run: ['./none'], inputs: [] } }),
      /no executable program ".\/none"/,
    );
    await assert.rejects(make({ command: { run: ['./make-root'], inputs: ['nothing.txt'] } }), {
      code: 'BUNNY_ESOURCE',
    });
    await assert.rejects(make({ directory: 'nowhere' }), { code: 'BUNNY_EROOTFS' });
    await assert.rejects(make({}), { code: 'BUNNY_EROOTFS' });
  });

  it('runs no program that nobody allowed, nor when it is planned', async () => {
    const part = async (more: Partial<RootfsOptions> = {}) => {
      const [only, ...others] = await plan(command, more);
      assert.ok(only !== undefined && others.length === 0);
      return only;
    };
    const asked = await part({ allowCommands: false });
    assert.equal(asked.diffId, undefined);
    await assert.rejects(asked.make(), (error: BunnyError) => {
      assert.equal(error.code, 'BUNNY_ECOMMANDS');
      assert.match(error.details[0] ?? '', /as you: .*make-root list$/);
      return true;
    });
    await part();
    assert.equal(existsSync(join(directory, 'runs')), false);
    assert.deepEqual(readdirSync(join(cache, 'rootfs')), []);
    const made = await (await part()).make();
    // What is kept may be used: nothing runs.
    const kept = await part({ allowCommands: false });
    assert.equal(kept.diffId, made.diffId);
    assert.deepEqual((await kept.make()).descriptor, made.descriptor);
    assert.equal(runs(), 1);
  });

  it('packs a directory only where something in it changed', async () => {
    const tree = join(directory, 'tree');
    mkdirSync(join(tree, 'a'), { recursive: true });
    writeFileSync(join(tree, 'a/file'), 'one');
    const first = await make({ directory: 'tree' });
    const archives = () => readdirSync(join(cache, 'rootfs'), { recursive: true }).filter(isArchive);
    const isArchive = (path: unknown) => String(path).endsWith('layer.tar.gz');
    assert.equal(archives().length, 1);
    assert.deepEqual((await make({ directory: 'tree' })).descriptor, first.descriptor);
    assert.equal(archives().length, 1);
    // Planning tells the digest, and packs nothing.
    const file = join(tree, 'a/file');
    const { atime, mtime } = statSync(file);
    writeFileSync(file, 'two');
    utimesSync(file, atime, mtime);
    const [changed] = await plan({ directory: 'tree' });
    assert.ok(changed?.diffId !== undefined && changed.diffId !== first.diffId);
    assert.equal(archives().length, 1);
    assert.equal((await changed.make()).diffId, changed.diffId);
    assert.equal(archives().length, 2);
    writeFileSync(file, 'six');
    await assert.rejects(
      async () => {
        const [part] = await plan({ directory: 'tree' });
        writeFileSync(file, 'ten');
        await part?.make();
      },
      { code: 'BUNNY_EROOTFS', message: 'tree was changed while it was being published' },
    );
  });

  it('reads a directory anew only where something in it changed', async () => {
    const tree = repositoryFile('packages/spec');
    const [first] = await plan({ directory: 'spec' }, { directory: join(tree, '..') });
    const notes = readdirSync(join(cache, 'rootfs')).map((name) => join(cache, 'rootfs', name, 'note.json'));
    const [note] = notes.filter((path) => existsSync(path));
    assert.ok(first !== undefined && note !== undefined);
    const { stamp, value } = JSON.parse(readFileSync(note, 'utf8')) as { stamp: string; value: string };
    assert.equal(value, first.diffId);
    writeFileSync(note, JSON.stringify({ stamp, value: 'sha256:noted' }));
    const [second] = await plan({ directory: 'spec' }, { directory: join(tree, '..') });
    assert.equal(second?.diffId, 'sha256:noted');
    writeFileSync(note, JSON.stringify({ stamp: 'another', value: 'sha256:noted' }));
    const [third] = await plan({ directory: 'spec' }, { directory: join(tree, '..') });
    assert.equal(third?.diffId, first.diffId);
  });

  it('takes nothing from outside the directory of the document, by no part of a path', async () => {
    mkdirSync(join(directory, 'elsewhere/deep'), { recursive: true });
    writeFileSync(join(directory, 'elsewhere/root.tar'), '');
    writeFileSync(join(directory, 'elsewhere/deep/secret'), 'secret');
    mkdirSync(join(directory, 'libos'));
    symlinkSync('../elsewhere', join(directory, 'libos/link'));
    symlinkSync('../elsewhere/root.tar', join(directory, 'libos/link.tar'));
    const paths = ['link', 'link/deep', '../elsewhere', 'a/../../elsewhere', join(directory, 'elsewhere')];
    const sources = [
      ...paths.map((path) => ({ rootfs: { directory: path } })),
      ...['link.tar', 'link/root.tar', '../elsewhere/root.tar'].map((path) => ({ rootfs: { tar: path } })),
    ];
    for (const source of sources) {
      const options = { directory: join(directory, 'libos'), network, cache };
      await assert.rejects(planRootfs(source, options), { code: 'BUNNY_EPATH' }, JSON.stringify(source));
    }
    mkdirSync(join(directory, 'libos/root'));
    const both = (overlay: string) =>
      planRootfs(
        { rootfs: { directory: 'root' }, overlay },
        { directory: join(directory, 'libos'), network, cache },
      );
    for (const path of paths) await assert.rejects(both(path), { code: 'BUNNY_EPATH' }, path);
  });

  it('refuses names and links that are not UTF-8: read as text they would be others', async () => {
    const tree = join(directory, 'tree');
    mkdirSync(tree);
    const odd = Buffer.concat([Buffer.from(`${tree}/a`), Buffer.from([0xff, 0x27])]);
    writeFileSync(odd, '');
    await assert.rejects(make({ directory: 'tree' }), (error: OciError) => {
      assert.deepEqual([error.code, error.details], ['BUNNY_EPATH', ['as it is there: a\\xff\\x27']]);
      return true;
    });
    rmSync(odd);
    symlinkSync(Buffer.from([0xfe]), join(tree, 'link'));
    await assert.rejects(make({ directory: 'tree' }), { code: 'BUNNY_EPATH' });
    rmSync(join(tree, 'link'));
    writeFileSync(join(tree, '\uFFFD'), '');
    await make({ directory: 'tree' });
  });

  it('gives the same layer from a directory and from a tar of it', async () => {
    const tree = join(directory, 'tree');
    mkdirSync(join(tree, 'usr'), { recursive: true });
    writeFileSync(join(tree, 'usr', 'file'), 'content');
    symlinkSync('/usr/file', join(tree, 'link'));
    execFileSync('tar', ['-C', tree, '-czf', join(directory, 'root.tar.gz'), '.']);
    const fromDirectory = await make({ directory: 'tree' });
    const fromTar = await make({ tar: 'root.tar.gz' });
    assert.equal(await listing(fromDirectory), 'link\nusr/\nusr/file\n');
    assert.equal(fromTar.diffId, fromDirectory.diffId);
    assert.ok(existsSync(join(tree, 'usr', 'file')), 'the source stays');
  });

  describe('from an image', () => {
    const json = (value: unknown) => Buffer.from(JSON.stringify(value));
    const digest = (digit: string) => `sha256:${digit.repeat(64)}`;

    /** An image of one layer in the layout `images`, and its manifest. */
    const pushImage = async (layout: Layout, diffIds?: unknown[]) => {
      const { bytes, diffId, ...packed } = await packArchive([{ path: 'usr/file', content: 'content' }]);
      const layer = { mediaType: imageLayerGzipType, digest: packed.digest, size: packed.size };
      await layout.push(layer, bytes);
      const rootfs = { type: 'layers', diff_ids: diffIds ?? [diffId] };
      const config = await pushBytes(
        layout,
        imageConfigType,
        json({ architecture: 'amd64', os: 'linux', rootfs }),
      );
      return { manifest: await packManifest(layout, { config, layers: [layer] }), diffId };
    };

    it('takes its layers as they are', async () => {
      const layout = new Layout(join(directory, 'images'), 'tools/gcc');
      const { manifest, diffId } = await pushImage(layout);
      await layout.tag(manifest, '12');
      const layer = await make({ image: 'oci:images:tools/gcc:12' });
      assert.equal(layer.diffId, diffId);
      assert.equal(await listing(layer), 'usr/file\n');
      assert.equal((await make({ image: `oci:images:tools/gcc@${manifest.digest}` })).diffId, diffId);
    });

    it('leaves the rules out where it is a tooling layer itself', async () => {
      const layout = new Layout(join(directory, 'images'), 'old/tooling');
      const { manifest } = await pushImage(layout, [digest('a'), digest('b')]);
      const image = JSON.parse(Buffer.from(await readBytes(layout, manifest)).toString()) as Manifest;
      const [layer = image.config] = image.layers;
      const rules = { ...layer, annotations: { [annotations.toolingRules]: 'sha256:0' } };
      await layout.tag(await packManifest(layout, { ...image, layers: [rules, layer] }), '1');
      assert.equal((await make({ image: 'oci:images:old/tooling:1' })).diffId, digest('b'));
    });

    it('takes the one for this machine of several', async () => {
      const layout = new Layout(join(directory, 'images'), 'gcc');
      const { manifest, diffId } = await pushImage(layout);
      const platform = { architecture: normaliseArchitecture(process.arch), os: 'linux' };
      const index = (...manifests: Descriptor[]) => packIndex(layout, { manifests });
      const other = { ...manifest, platform: { architecture: 's390x', os: 'linux' } };
      await layout.tag(await index(other, { ...manifest, platform }), 'latest');
      assert.equal((await make({ image: 'oci:images:gcc' })).diffId, diffId);
      await layout.tag(await index(other), 'other');
      await assert.rejects(make({ image: 'oci:images:gcc:other' }), /not made for linux\//);
    });

    it('says that there is none, or that it contradicts itself', async () => {
      const layout = new Layout(join(directory, 'images'), 'gcc');
      await assert.rejects(make({ image: 'oci:images:gcc:none' }), /no image none/);
      const wrong = [[], [7, digest('a')], ['root'], [digest('a'), digest('b')], [null], [digest('A')]];
      for (const diffIds of wrong) {
        const { manifest } = await pushImage(layout, diffIds);
        await layout.tag(manifest, 'bad');
        await assert.rejects(make({ image: 'oci:images:gcc:bad' }), /does not name its layers/);
      }
    });

    it('says that one of its layers is not to be had from its registry', async () => {
      const layout = new Layout(join(directory, 'images'), 'foreign');
      const { manifest } = await pushImage(layout);
      const image = JSON.parse(Buffer.from(await readBytes(layout, manifest)).toString()) as Manifest;
      const mediaType = 'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip';
      const layers = image.layers.map((layer) => ({
        ...layer,
        mediaType,
        urls: ['http://127.0.0.1:1/layer'],
      }));
      await layout.tag(await packManifest(layout, { ...image, layers }), '1');
      await assert.rejects(make({ image: 'oci:images:foreign:1' }), /a layer that may not be distributed/);
    });
  });
});
