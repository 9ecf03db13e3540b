import assert from 'node:assert/strict';
import fc from 'fast-check';
import { formatReference, isLoopback, joinReference, parseReference } from './reference.js';

const digest = `sha256:${'ab'.repeat(32)}`;

describe('references', () => {
  it('to registries have a host, a path, and perhaps a tag and a digest', () => {
    assert.deepEqual(parseReference('localhost:5000/libos/warren/libc'), {
      kind: 'registry',
      host: 'localhost:5000',
      path: 'libos/warren/libc',
    });
    assert.deepEqual(parseReference(`ghcr.io/a/b:1.0@${digest}`), {
      kind: 'registry',
      host: 'ghcr.io',
      path: 'a/b',
      tag: '1.0',
      digest,
    });
    assert.deepEqual(parseReference('[::1]:5000/a'), { kind: 'registry', host: '[::1]:5000', path: 'a' });
    assert.deepEqual(parseReference('localhost:5000'), {
      kind: 'registry',
      host: 'localhost:5000',
      path: '',
    });
  });

  it('to layouts have a directory, and perhaps a path, a tag and a digest', () => {
    assert.deepEqual(parseReference('oci:/tmp/x'), { kind: 'layout', directory: '/tmp/x', path: '' });
    assert.deepEqual(parseReference('oci:x:warren/libc'), {
      kind: 'layout',
      directory: 'x',
      path: 'warren/libc',
    });
    assert.deepEqual(parseReference('oci:x:warren/libc:1.0.0'), {
      kind: 'layout',
      directory: 'x',
      path: 'warren/libc',
      tag: '1.0.0',
    });
    assert.deepEqual(parseReference('oci:x::1.0.0'), {
      kind: 'layout',
      directory: 'x',
      path: '',
      tag: '1.0.0',
    });
    assert.deepEqual(parseReference(`oci:x@${digest}`), { kind: 'layout', directory: 'x', path: '', digest });
    assert.deepEqual(parseReference(`oci:x:a:t@${digest}`), {
      kind: 'layout',
      directory: 'x',
      path: 'a',
      tag: 't',
      digest,
    });
  });

  it('that are malformed are refused with their code', () => {
    for (const bad of [
      '',
      'libc',
      'libc:1.0',
      'https://ghcr.io/a',
      'ghcr.io/',
      'ghcr.io/A',
      'ghcr.io/a//b',
      'ghcr.io/../b',
      'ghcr.io/a:',
      'ghcr.io/a:-x',
      'ghcr.io/a@sha256:00',
      'user:secret@ghcr.io/a',
      'localhost:99999/a',
      'ghcr.io:port/a',
      'oci:',
      'oci::a',
      'oci:x:A',
      'oci:x:a:b:c',
      `ghcr.io/${'a'.repeat(300)}`,
      `ghcr.io/a:${'t'.repeat(129)}`,
    ]) {
      assert.throws(() => parseReference(bad), { code: 'BUNNY_EREFERENCE', exitStatus: 2 }, bad);
    }
  });

  it('are written as they are read', () => {
    const part = fc.stringMatching(/^[a-z0-9]{1,6}([._-][a-z0-9]{1,4})?$/);
    const suffix = fc.record(
      { tag: fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,10}$/), digest: fc.constant(digest) },
      { requiredKeys: [] },
    );
    const path = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'));
    const registry = fc.tuple(
      fc.constantFrom('localhost:5000', 'ghcr.io', '[::1]:80', '127.0.0.1'),
      path,
      suffix,
    );
    const layout = fc.tuple(
      fc.constantFrom('/tmp/a', 'a.b/c', './x'),
      fc.oneof(path, fc.constant('')),
      suffix,
    );
    fc.assert(
      fc.property(registry, ([host, path, more]) => {
        const reference = { kind: 'registry' as const, host, path, ...more };
        assert.deepEqual(parseReference(formatReference(reference)), reference);
      }),
    );
    fc.assert(
      fc.property(layout, ([directory, path, more]) => {
        const reference = { kind: 'layout' as const, directory, path, ...more };
        assert.deepEqual(parseReference(formatReference(reference)), reference);
      }),
    );
  });

  it('never do anything but parse or be refused', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.string().map((text) => `oci:${text}`),
          fc.string().map((text) => `h:1/${text}`),
        ),
        (text) => {
          try {
            parseReference(text);
          } catch (error) {
            assert.equal((error as { code?: string }).code, 'BUNNY_EREFERENCE');
          }
        },
      ),
    );
  });

  it('of a namespace join with repositories', () => {
    assert.equal(joinReference('localhost:5000/libos', 'warren/libc'), 'localhost:5000/libos/warren/libc');
    assert.equal(joinReference('localhost:5000', 'warren/libc'), 'localhost:5000/warren/libc');
    assert.equal(joinReference('oci:DIR', 'warren/libc'), 'oci:DIR:warren/libc');
    assert.equal(joinReference('oci:DIR:libos', 'warren/libc'), 'oci:DIR:libos/warren/libc');
    assert.throws(() => joinReference('oci:DIR:libos:tag', 'warren/libc'), { code: 'BUNNY_EREFERENCE' });
    assert.throws(() => joinReference('oci:DIR', '../x'), { code: 'BUNNY_EREFERENCE' });
  });

  it('know which hosts are this machine', () => {
    for (const host of ['localhost', 'localhost:5000', '127.0.0.1:80', '127.8.0.1', '[::1]:5000'])
      assert.ok(isLoopback(host), host);
    for (const host of ['localhost.example.com', '128.0.0.1', '127.0.0.1.example.com', '[::2]', 'ghcr.io'])
      assert.ok(!isLoopback(host), host);
  });
});
