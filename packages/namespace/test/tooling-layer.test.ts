import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { imageLayerGzipType, Layout, openTarget, packArchive, removeTree, Store } from 'bunny-libos-oci';
import { type LockedTooling, layerHash, type ToolingRules } from 'bunny-libos-spec';
import { pushTooling, toolingDocument } from '../src/tooling/push.js';
import type { RootfsLayer } from '../src/tooling/rootfs-layer.js';
import { openTooling, toolingIdentity } from '../src/tooling/tooling-layer.js';

const rules: ToolingRules = {
  framework: 'small',
  version: '1.0.0',
  abi: 'small-1',
  settings: { arch: { values: ['amd64'] }, platform: { values: ['qemu'] } },
  capabilities: {},
  variables: {},
  languages: {
    c: { files: ['*.c'], compile: 'cc $in $out', includeFlag: '-I', defineFlag: '-D', implies: {} },
  },
  targets: [
    {
      arch: 'amd64',
      platform: 'qemu',
      variables: {},
      link: 'ld $objects -o $out',
      entry: '_start',
      scriptFlag: '-T',
      defaultScriptFlag: '-T',
      base: {},
      generate: [],
      appDefines: [],
      postLink: [],
      artifacts: ['elf'],
      monitor: { command: '$image', rootfs: [], arguments: [], memory: 64, exit: { offset: 0, factor: 1 } },
    },
  ],
  template: {},
};

describe('openTooling', () => {
  let directory: string;
  let layout: Layout;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'bunny-tooling-'));
    layout = new Layout(join(directory, 'registry'));
  });
  afterEach(async () => {
    await removeTree(join(directory, 'store'));
    rmSync(directory, { recursive: true });
  });

  const layerOf = async (path: string, content: string): Promise<RootfsLayer> => {
    const { bytes, digest, size, diffId } = await packArchive([{ path, content }]);
    return { descriptor: { mediaType: imageLayerGzipType, digest, size }, diffId, content: bytes };
  };
  const publish = async (
    change: { rules?: ToolingRules; diffIds?: string[] } = {},
  ): Promise<LockedTooling> => {
    const rootfs = [await layerOf('usr/tool', 'lower'), await layerOf('usr/tool', 'upper')];
    const diffIds = change.diffIds ?? rootfs.map(({ diffId }) => diffId);
    const document = toolingDocument(change.rules ?? rules, diffIds);
    const target = openTarget(`oci:${join(directory, 'registry')}:${layerHash(document.identity).slice(7)}`);
    return { ...(await pushTooling(target, { document, rootfs })), from: 'oci:registry' };
  };

  it('unpacks the layers on top of each other, once, and reads the rules', async () => {
    const locked = await publish();
    const store = await Store.open(join(directory, 'store'));
    const opened = await openTooling(store, locked, [layout]);
    assert.equal(readFileSync(join(opened.root, 'usr/tool'), 'utf8'), 'upper');
    assert.deepEqual(opened.rules, rules);
    assert.equal(opened.layerHash, locked.layerHash);
    assert.equal((await openTooling(store, locked, [])).root, opened.root);
  });

  it('keeps the hash of rules that lack what a later Bunny gives a default', async () => {
    const store = await Store.open(join(directory, 'store'));
    const [target] = rules.targets;
    assert.ok(target !== undefined);
    const { entry: _, artifacts: __, ...olderTarget } = target;
    const { c } = rules.languages;
    const older = {
      ...rules,
      capabilities: { alloc: { default: 'buddy', providers: [] } },
      languages: { c: { files: c?.files, compile: c?.compile } },
      targets: [{ ...olderTarget, entry: undefined, monitor: { command: '$image' } }],
    };
    const written = JSON.parse(JSON.stringify(older)) as ToolingRules;
    const locked = await publish({ rules: written });
    const opened = await openTooling(store, locked, [layout]);
    assert.equal(
      opened.layerHash,
      layerHash(
        toolingIdentity(
          written,
          locked.rootfs.map(({ diffId }) => diffId),
        ),
      ),
    );
    assert.equal(opened.rules.targets[0]?.entry, '_start');
    assert.deepEqual(opened.rules.capabilities, { alloc: { default: 'buddy', providers: ['buddy'] } });
    assert.equal(opened.rules.languages.c?.includeFlag, '-I');
    assert.equal(opened.rules.targets[0]?.monitor.memory, 64);

    const altered = { ...toolingDocument(written, []), rules: opened.rules };
    const { bytes, digest, size } = await packArchive([
      { path: 'bunny/tooling.json', content: JSON.stringify(altered) },
    ]);
    await layout.push({ mediaType: imageLayerGzipType, digest, size }, bytes);
    const other = { ...locked, layerHash: altered.layerHash, rules: { digest, size } };
    await assert.rejects(openTooling(store, other, [layout]), { code: 'BUNNY_EMETADATA' });
  });

  it('refuses rules and a root filesystem that do not belong together', async () => {
    const store = await Store.open(join(directory, 'store'));
    const other = await publish({ diffIds: [`sha256:${'1'.repeat(64)}`] });
    await assert.rejects(openTooling(store, other, [layout]), { code: 'BUNNY_ELOCKED' });
    const locked = await publish();
    const layerHash = `sha256:${'2'.repeat(64)}`;
    await assert.rejects(openTooling(store, { ...locked, layerHash }, [layout]), { code: 'BUNNY_ELOCKED' });
  });
});
