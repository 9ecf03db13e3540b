import assert from 'node:assert/strict';
import { layerHash, readComponent } from 'bunny-libos-spec';
import { type Configuration, identityOf } from './plan/matrix.js';

const configuration: Configuration = { settings: { arch: 'amd64' }, options: { ipv6: true } };

function hash(document: string, { settings, options } = configuration, tooling = 'a', source = 'b'): string {
  const component = readComponent(document, 'component.yaml').value;
  const digest = (letter: string) => `sha256:${letter.repeat(64)}`;
  return layerHash(identityOf(component, { settings, options }, digest(tooling), digest(source)));
}

const net = `framework: warren
name: net
version: 1.0.0
description: TCP/IP
sources: [a.c]
dependencies: { libc: ^1.0 }
provides: { sockets: 1.0.0 }
conflicts: { lwip: '*' }
options: { ipv6: { type: boolean, default: false } }
affectedBy: [arch]
matrix: { arch: [amd64], options: [{ ipv6: true }] }
`;

/** What the rest of the world relies on: a variant with the same layer hash is the same thing. */
describe('the layer hash of a variant', () => {
  const changes = {
    framework: net.replace('warren', 'burrow'),
    name: net.replace('name: net', 'name: wire'),
    version: net.replace('1.0.0', '1.0.1'),
    dependencies: net.replace('libc: ^1.0', 'libc: ^1.1'),
    'a condition of a dependency': net.replace('^1.0 }', '{ version: ^1.0, when: { arch: arm64 } } }'),
    'options asked of a dependency': net.replace('^1.0 }', '{ version: ^1.0, options: { log: 1 } } }'),
    provides: net.replace('sockets: 1.0.0', 'sockets: 1.1.0'),
    conflicts: net.replace("lwip: '*'", "lwip: '<2'"),
  };
  for (const [what, changed] of Object.entries(changes)) {
    it(`changes with ${what}`, () => {
      assert.notEqual(changed, net);
      assert.notEqual(hash(changed), hash(net));
    });
  }

  it('changes with settings, options, tooling layer and sources', () => {
    const hashes = [
      hash(net),
      hash(net, { ...configuration, settings: { arch: 'arm64' } }),
      hash(net, { ...configuration, settings: {} }),
      hash(net, { ...configuration, options: { ipv6: false } }),
      hash(net, configuration, 'c'),
      hash(net, configuration, 'a', 'c'),
    ];
    assert.equal(new Set(hashes).size, hashes.length);
  });

  it('does not change with words for people, nor with the order of keys', () => {
    assert.equal(hash(net.replace('TCP/IP', 'A network')), hash(net));
    const lines = net.trimEnd().split('\n');
    assert.equal(hash(lines.toReversed().join('\n')), hash(net));
  });
});
