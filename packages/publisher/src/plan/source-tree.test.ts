import assert from 'node:assert/strict';
import { canonicalJson, readComponent, sha256 } from 'bunny-libos-spec';
import { sourceDigest } from './source-tree.js';

const files = [{ path: 'src/a.c', digest: 'sha256:a' }];

const digest = (document: string) => sourceDigest(readComponent(document, 'component.yaml').value, files);

const net = `framework: warren
name: net
version: 1.0.0
sources: [src/*.c, { files: [arm.S], when: { arch: arm64 } }]
include: [include]
defines: { A: 1 }
scripts: [init.lds]
options: { ipv6: { type: boolean, default: false, define: NET_IPV6 }, mtu: { type: integer, default: 1500 } }
affectedBy: [arch]
matrix: { arch: [amd64] }
`;

describe('the digest of a source tree', () => {
  it('stays what it was for what is published already', () => {
    const build = {
      sources: [{ files: ['src/*.c'] }, { files: ['arm.S'], when: { arch: 'arm64' } }],
      objects: [],
      include: ['include'],
      defines: { A: 1 },
      scripts: [{ file: 'init.lds', kind: 'extra' }],
      macros: { ipv6: 'NET_IPV6', mtu: null },
    };
    assert.equal(digest(net), sha256(canonicalJson({ build, files: { 'src/a.c': 'sha256:a' } })));
  });

  const changes = {
    'flags of the component': `${net}flags: -O3\n`,
    'other flags of the component': `${net}flags: -O1\n`,
    'flags of some files': net.replace('[arm.S],', '[arm.S], flags: -O3,'),
    'macros of some files': net.replace('[arm.S],', '[arm.S], defines: { B: 2 },'),
    'private headers of some files': net.replace('[arm.S],', '[arm.S], include: [port],'),
    'files that are left out': net.replace('[arm.S],', '[arm.S], exclude: [b.S],'),
    'the choice of public headers': net.replace('[include]', '[{ directory: include, files: [a.h] }]'),
    'the condition of public headers': net.replace(
      '[include]',
      '[{ directory: include, when: { arch: arm64 } }]',
    ),
  };
  it('changes with what the compiler is told', () => {
    const digests = Object.values(changes).map(digest);
    assert.equal(new Set([...digests, digest(net)]).size, digests.length + 1);
  });

  it('does not change with another way to say the same', () => {
    assert.equal(digest(net.replace('[include]', '[{ directory: ./include/ }]')), digest(net));
    assert.equal(digest(`${net}flags: [-O3]\n`), digest(changes['flags of the component']));
  });
});
