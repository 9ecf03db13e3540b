import assert from 'node:assert/strict';
import { layerHash, sha256 } from '../documents/canonical.js';
import type { ComponentConfig, ComponentIdentity } from '../documents/component.js';
import { BunnyError } from '../errors/errors.js';
import { readComponentConfig } from './read-component-config.js';

const identity: ComponentIdentity = {
  schema: 'https://bunny-libos.github.io/schema/component-identity/v1',
  framework: 'warren',
  name: 'net',
  version: '1.2.0',
  settings: { arch: 'amd64' },
  options: { ipv6: false },
  dependencies: { libc: { version: '^1.0', when: { arch: 'amd64' } } },
  provides: { sockets: '1.0.0' },
  conflicts: { lwip: '<2' },
  tooling: sha256('tooling'),
  source: sha256('source'),
};

const config: ComponentConfig = {
  schema: 'https://bunny-libos.github.io/schema/component-config/v1',
  identity,
  layerHash: layerHash(identity),
  abi: 'warren-1',
  declares: { ipv6: { type: 'boolean', default: false } },
  objects: [
    {
      path: 'objects/net.o',
      digest: sha256('net.o'),
      size: 10,
      text: 4,
      data: 0,
      bss: 2,
      defined: ['net_init', '__proto__'],
      undefined: ['memcpy'],
    },
  ],
  headers: [{ path: 'include/net.h', digest: sha256('net.h') }],
  scripts: [{ path: 'scripts/net.lds', digest: sha256('net.lds'), kind: 'extra', defined: ['__net_start'] }],
  builtWith: [{ name: 'libc', version: '1.0.0', headers: sha256('headers') }],
};

const encode = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

function refused(value: unknown): BunnyError {
  try {
    readComponentConfig(encode(value), 'localhost/warren/net:1.2.0');
  } catch (error) {
    if (error instanceof BunnyError) return error;
    throw error;
  }
  throw new assert.AssertionError({ message: 'accepted' });
}

describe('component config', () => {
  it('reads back what was written', () => {
    assert.deepEqual(readComponentConfig(encode(config), 'r'), config);
  });

  it('refuses an identity that contradicts the layer hash', () => {
    const error = refused({ ...config, identity: { ...identity, version: '1.2.1' } });
    assert.equal(error.code, 'BUNNY_EMETADATA');
    assert.equal(error.where, 'localhost/warren/net:1.2.0');
    assert.equal(error.exitStatus, 3);
  });

  it('refuses paths that leave the layer, sizes below zero, and keys that it does not know', () => {
    const object = config.objects[0];
    assert.equal(
      refused({ ...config, objects: [{ ...object, path: 'objects/../../etc' }] }).code,
      'BUNNY_EPATH',
    );
    assert.equal(refused({ ...config, objects: [{ ...object, size: -1 }] }).code, 'BUNNY_ETYPE');
    assert.equal(refused({ ...config, objects: [{ ...object, digest: 'sha256:x' }] }).code, 'BUNNY_ETYPE');
    assert.equal(refused({ ...config, extra: 1 }).code, 'BUNNY_EUNKNOWNKEY');
    const error = refused({
      ...config,
      schema: 'https://bunny-libos.github.io/schema/component-config/v2',
      extra: 1,
    });
    assert.equal(error.details.length, 1);
  });
});
