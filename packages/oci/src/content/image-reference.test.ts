import assert from 'node:assert/strict';
import { parseImageReference, parseManifestReference } from './image-reference.js';

describe('the name of an image', () => {
  const layout = (directory: string, path: string) => ({ kind: 'layout' as const, directory, path });
  const registry = (host: string, path: string) => ({ kind: 'registry' as const, host, path });
  const digest = `sha256:${'a'.repeat(64)}`;

  it('is read as skopeo reads it, with latest for a tag', () => {
    for (const [text, repository, reference] of [
      ['localhost:5000/demo/hello:1.0', registry('localhost:5000', 'demo/hello'), '1.0'],
      ['localhost:5000/demo/hello', registry('localhost:5000', 'demo/hello'), 'latest'],
      [`example.org/hello@${digest}`, registry('example.org', 'hello'), digest],
      [`example.org/hello:1@${digest}`, registry('example.org', 'hello'), digest],
      ['oci:dir', layout('dir', ''), 'latest'],
      ['oci:dir:1.0', layout('dir', ''), '1.0'],
      ['oci:dir:hello:1.0', layout('dir', 'hello'), '1.0'],
      ['oci:dir:demo/hello', layout('dir', 'demo/hello'), 'latest'],
    ] as const) {
      assert.deepEqual(parseImageReference(text), { kind: 'repository', repository, reference }, text);
    }
  });

  it('is without a default where one manifest is meant', () => {
    const read = (text: string) => parseManifestReference(text);
    assert.deepEqual(read('oci:dir:1.0'), { repository: layout('dir', ''), reference: '1.0' });
    assert.deepEqual(read('oci:dir:hello:1.0'), { repository: layout('dir', 'hello'), reference: '1.0' });
    assert.equal(read('oci:dir').reference, undefined);
    assert.equal(read('oci:dir:demo/hello').reference, undefined);
    assert.equal(read('localhost:5000/hello').reference, undefined);
  });

  it('may be that of an archive for docker load', () => {
    const archive = (file: string, name?: string) => ({ kind: 'docker-archive', file, name });
    assert.deepEqual(parseImageReference('docker-archive:a/b.tar'), archive('a/b.tar'));
    assert.deepEqual(
      parseImageReference('docker-archive:b.tar:demo/hello:1'),
      archive('b.tar', 'demo/hello:1'),
    );
    assert.deepEqual(
      parseImageReference('docker-archive:b.tar:localhost:5000/hello:1'),
      archive('b.tar', 'localhost:5000/hello:1'),
    );
    for (const text of [
      'docker-archive:',
      'docker-archive:b.tar:Hello',
      'docker-archive:b.tar:hello',
      'hello',
    ]) {
      assert.throws(() => parseImageReference(text), { code: 'BUNNY_EREFERENCE' }, text);
    }
  });
});
