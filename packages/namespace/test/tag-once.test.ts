import assert from 'node:assert/strict';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Descriptor, openTarget, packManifest, removeTree, type Target } from 'bunny-libos-oci';
import { tagOnce } from '../src/manifest/tag-once.js';

describe('tagOnce', () => {
  let directory: string;
  let target: Target;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'bunny-tag-'));
    target = openTarget(`oci:${directory}:warren/net`);
  });
  afterEach(() => removeTree(directory));

  /** A manifest like no other. */
  function manifest(note: string): Promise<Descriptor> {
    return packManifest(target, { artifactType: 'application/vnd.test', annotations: { note } });
  }

  it('never moves a tag that stands for something', async () => {
    const [first, second] = [await manifest('first'), await manifest('second')];
    await tagOnce(target, first, '1.0.0_0123456789abcdef', {});
    await assert.rejects(tagOnce(target, second, '1.0.0_0123456789abcdef', {}), {
      code: 'BUNNY_EPUBLISHED',
      details: [`published ${first.digest}`, `here      ${second.digest}`],
    });
    assert.equal((await target.resolve('1.0.0_0123456789abcdef'))?.digest, first.digest);
  });

  it('leaves one alone that stands for the same', async () => {
    const first = await manifest('first');
    await tagOnce(target, first, '1.0.0_0123456789abcdef', {});
    await tagOnce(target, first, '1.0.0_0123456789abcdef', {});
    assert.equal((await target.resolve('1.0.0_0123456789abcdef'))?.digest, first.digest);
  });
});
