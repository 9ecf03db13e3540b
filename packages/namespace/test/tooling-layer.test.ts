import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { imageLayerGzipType, Layout, packArchive, removeTree, Store } from 'bunny-libos-oci';
import { canonicalJson, type LockedTooling, layerHash, type ToolingRules } from 'bunny-libos-spec';
import { rulesPath } from '../src/tooling/rules-layer.js';
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

  const push = async (path: string, content: string) => {
    const { bytes, digest, size, diffId } = await packArchive([{ path, content }]);
    await layout.push({ mediaType: imageLayerGzipType, digest, size }, bytes);
    return { digest, size, diffId };
  };
  const publish = async (change: { diffIds?: string[] } = {}): Promise<LockedTooling> => {
    const lower = await push('usr/tool', 'lower');
    const upper = await push('usr/tool', 'upper');
    const identity = toolingIdentity(rules, change.diffIds ?? [lower.diffId, upper.diffId]);
    const document = {
      schema: 'https://bunny-libos.github.io/schema/tooling/v1',
      identity,
      layerHash: layerHash(identity),
      rules,
    };
    const { digest, size } = await push(rulesPath, canonicalJson(document));
    return {
      version: rules.version,
      layerHash: document.layerHash,
      digest: `sha256:${'0'.repeat(64)}`,
      size: 1,
      rules: { digest, size },
      rootfs: [lower, upper],
      from: 'oci:registry',
    };
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

  it('refuses rules and a root filesystem that do not belong together', async () => {
    const store = await Store.open(join(directory, 'store'));
    const other = await publish({ diffIds: [`sha256:${'1'.repeat(64)}`] });
    await assert.rejects(openTooling(store, other, [layout]), { code: 'BUNNY_ELOCKED' });
    const locked = await publish();
    const layerHash = `sha256:${'2'.repeat(64)}`;
    await assert.rejects(openTooling(store, { ...locked, layerHash }, [layout]), { code: 'BUNNY_ELOCKED' });
  });
});
