import assert from 'node:assert/strict';
import { type Bunnyfile, type Lock, readBunnyfile } from 'bunny-libos-spec';
import { requestFingerprint, staleness, wantedTargets } from './request.js';

const offered = [
  { arch: 'amd64', platform: 'qemu' },
  { arch: 'arm64', platform: 'qemu' },
  { arch: 'amd64', platform: 'linuxu' },
];

function bunnyfile(text: string): Bunnyfile {
  return readBunnyfile(`version: v0.1\nplatforms: { framework: warren }\n${text}`, 'Bunnyfile', 'app').value;
}

function labels(found: readonly { arch: string; platform: string }[]): string[] {
  return found.map(({ arch, platform }) => `${arch}/${platform}`);
}

describe('wantedTargets', () => {
  it('takes every target that the tooling layer offers where nobody asks', () => {
    assert.deepEqual(labels(wantedTargets(bunnyfile(''), {}, offered)), labels(offered));
  });

  it('takes the targets that the Bunnyfile lists, and of these what the command line names', () => {
    const listed = bunnyfile('targets: [amd64/qemu, amd64/linuxu]');
    assert.deepEqual(labels(wantedTargets(listed, {}, offered)), ['amd64/qemu', 'amd64/linuxu']);
    assert.deepEqual(labels(wantedTargets(listed, { platform: ['linuxu'] }, offered)), ['amd64/linuxu']);
  });

  it('lets the command line ask for a target that the Bunnyfile does not list', () => {
    const listed = bunnyfile('targets: [amd64/qemu]');
    assert.deepEqual(labels(wantedTargets(listed, { arch: ['arm64'] }, offered)), ['arm64/qemu']);
  });

  it('fills in what the command line leaves open from `platforms`', () => {
    const usual: Bunnyfile = { ...bunnyfile(''), monitor: 'qemu', architecture: 'amd64' };
    assert.deepEqual(labels(wantedTargets(usual, {}, offered)), ['amd64/qemu']);
    assert.deepEqual(labels(wantedTargets(usual, { arch: ['arm64'] }, offered)), ['arm64/qemu']);
    assert.deepEqual(labels(wantedTargets(usual, { platform: ['linuxu'] }, offered)), ['amd64/linuxu']);
  });

  it('finds nothing for a target that nobody offers', () => {
    assert.deepEqual(wantedTargets(bunnyfile(''), { arch: ['riscv64'] }, offered), []);
  });
});

describe('requestFingerprint', () => {
  it('changes with everything that resolution reads', () => {
    const variations = [
      '',
      'dependencies: { libc: ^1.0 }',
      'dependencies: { libc: ^1.1 }',
      'options: { libc: { debug: true } }',
      'providers: { alloc: alloc-bump }',
      'settings: { debug: true }',
      'registries: ["oci:here"]',
    ];
    const documents = [
      ...variations.map(bunnyfile),
      { ...bunnyfile(''), toolingVersion: '^2.0' },
      { ...bunnyfile(''), framework: 'burrow' },
    ];
    assert.equal(new Set(documents.map(requestFingerprint)).size, documents.length);
  });

  it('stays the same when a registry gets a mirror', () => {
    const one = bunnyfile('registries: ["oci:here"]');
    const other = bunnyfile('registries: [{ ref: "oci:here", mirrors: ["oci:there"] }]');
    assert.equal(requestFingerprint(one), requestFingerprint(other));
  });

  it('stays the same for what only the build reads, and in any order', () => {
    const one = bunnyfile('dependencies: { a: ^1.0, b: ^2.0 }\ncmd: [x]');
    const other = bunnyfile('dependencies: { b: ^2.0, a: ^1.0 }\napp: { sources: [x.c] }');
    assert.equal(requestFingerprint(one), requestFingerprint(other));
  });
});

describe('staleness', () => {
  const request = bunnyfile('dependencies: { libc: ^1.0 }');
  const lock = {
    framework: 'warren',
    request: requestFingerprint(request),
    targets: [{ arch: 'amd64', platform: 'qemu' }],
  } as unknown as Lock;

  it('accepts a lock that answers the request', () => {
    assert.deepEqual(staleness(lock, request, lock.targets), { stale: false });
  });

  it('tells another framework, another request and missing targets apart', () => {
    const other = { ...request, framework: 'solo5' };
    assert.deepEqual(staleness(lock, other, []), { stale: true, reason: 'framework' });
    assert.deepEqual(staleness(lock, bunnyfile(''), []), { stale: true, reason: 'request' });
    assert.deepEqual(staleness(lock, request, offered.slice(0, 2)), {
      stale: true,
      reason: 'targets',
      missing: [{ arch: 'arm64', platform: 'qemu' }],
    });
  });
});
