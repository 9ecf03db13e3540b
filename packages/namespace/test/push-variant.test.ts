import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type Descriptor, Layout } from 'bunny-libos-oci';
import { type ComponentConfig, layerHash, mediaTypes } from 'bunny-libos-spec';
import { temporaryDirectory } from 'bunny-libos-testing/files/temporary.js';
import { pushVariant } from '../src/component/push.js';

const identity: ComponentConfig['identity'] = {
  schema: 'https://bunny-libos.github.io/schema/component-identity/v1',
  framework: 'burrow',
  name: 'net',
  version: '1.0.0',
  settings: {},
  options: {},
  dependencies: {},
  provides: {},
  conflicts: {},
  tooling: '',
  source: '',
};

const config: ComponentConfig = {
  schema: 'https://bunny-libos.github.io/schema/component-config/v1',
  identity,
  layerHash: layerHash(identity),
  abi: 'burrow-1',
  declares: {},
  objects: [],
  headers: [],
  scripts: [],
  builtWith: [],
};

/** A layout that notes what was attached to a manifest by the time that it gets its tag. */
class Noting extends Layout {
  readonly attached: number[] = [];

  override async tag(...[descriptor, ...rest]: Parameters<Layout['tag']>): Promise<void> {
    this.attached.push((await this.#types(descriptor)).length);
    await super.tag(descriptor, ...rest);
  }

  #types(descriptor: Descriptor): Promise<readonly Descriptor[]> {
    return this.referrers(descriptor, mediaTypes.types);
  }
}

describe('pushVariant', () => {
  it('attaches types before the tag: a run that is cut off leaves no variant without them', async () => {
    const target = new Noting(join(await temporaryDirectory('push'), 'registry'));
    await pushVariant(target, config, [], { types: Buffer.from('types') });
    assert.deepEqual(target.attached, [1]);
  });
});
