import assert from 'node:assert/strict';
import { rebaseReference } from './bases.js';

describe('rebaseReference', () => {
  it('keeps a layout where it is, seen from another directory', () => {
    assert.equal(rebaseReference('oci:registry', '/home/me', '/home/me/app'), 'oci:../registry');
    assert.equal(rebaseReference('oci:../registry:libos', '/home/me/app', '/home/me'), 'oci:registry:libos');
    assert.equal(rebaseReference('oci:.', '/srv', '/srv'), 'oci:.');
  });

  it('makes it absolute for use', () => {
    assert.equal(rebaseReference('oci:registry:libos', '/home/me', '/'), 'oci:/home/me/registry:libos');
  });

  it('leaves registries and absolute directories alone', () => {
    assert.equal(rebaseReference('localhost:5000/libos', '/a', '/b'), 'localhost:5000/libos');
    assert.equal(rebaseReference('oci:/srv/registry:libos', '/a', '/b'), 'oci:/srv/registry:libos');
  });
});
