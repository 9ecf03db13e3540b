import assert from 'node:assert/strict';
import type { BunnyError } from '../errors/errors.js';
import { readBunnyfile } from './read-bunnyfile.js';

describe('a Bunnyfile that packages a prebuilt kernel', () => {
  const text = (framework: string, ...lines: string[]) =>
    [
      '#syntax=harbor.nbfc.io/nubificus/bunny:latest',
      'version: v0.1',
      `platforms: { framework: ${framework}, monitor: qemu }`,
      'kernel: { from: local, path: kernel }',
      ...lines,
      '',
    ].join('\n');
  const read = (framework: string, ...lines: string[]) =>
    readBunnyfile(text(framework, ...lines), 'bunnyfile');
  const refused = (framework: string, ...lines: string[]): [string, string] => {
    try {
      read(framework, ...lines);
    } catch (error) {
      const { code, message } = error as BunnyError;
      return [code, message];
    }
    throw new Error('it is taken');
  };

  it('has the type of root file system that its framework has, where it names none', () => {
    const type = (framework: string, ...lines: string[]) => read(framework, ...lines).value.rootfs?.type;
    assert.equal(type('unikraft', 'rootfs: { include: [a] }'), 'initrd');
    assert.equal(type('rumprun', 'rootfs: { include: [a] }'), 'raw');
    assert.equal(type('rumprun', 'rootfs: { from: local, path: disk, type: block }'), 'block');
    assert.equal(type('unikraft', 'rootfs: { from: scratch, include: [a], type: raw }'), 'raw');
    assert.equal(type('unikraft'), undefined);
  });

  it('takes kernels, root file systems and files from OCI images', () => {
    const { value } = readBunnyfile(
      `version: 0.1
platforms: { framework: unikraft, version: v0.15.0, monitor: firecracker }
kernel: { from: unikraft.org/nginx:1.15, path: /unikraft/bin/kernel }
rootfs:
  from: localhost:5000/root:1
  type: raw
  include: [a, "b:", "c:/d", { source: e }, { from: oci:site:1, source: /f, destination: /g/ }, { from: local, source: h }]
`,
      'bunnyfile',
    );
    assert.deepEqual(value.kernel, {
      from: 'image',
      image: 'unikraft.org/nginx:1.15',
      path: '/unikraft/bin/kernel',
    });
    assert.deepEqual(value.rootfs, {
      from: 'image',
      image: 'localhost:5000/root:1',
      type: 'raw',
      include: [
        { source: 'a', destination: '/a' },
        { source: 'b', destination: '/b' },
        { source: 'c', destination: '/d' },
        { source: 'e', destination: '/e' },
        { image: 'oci:site:1', source: '/f', destination: '/g/' },
        { source: 'h', destination: '/h' },
      ],
    });
  });

  it('is refused where nubificus/bunny refuses it', () => {
    for (const [framework, line, code, message] of [
      ['unikraft', 'rootfs: { from: scratch, path: a }', 'BUNNY_ETYPE', /made from scratch/],
      ['rumprun', 'rootfs: { from: host.example/a, path: a, type: raw }', 'BUNNY_ETYPE', /has no `path`/],
      ['rumprun', 'rootfs: { from: local, path: a }', 'BUNNY_ETYPE', /not raw/],
      ['unikraft', 'rootfs: { from: local, type: raw }', 'BUNNY_ETYPE', /not raw/],
      ['unikraft', 'rootfs: { from: local, path: a, include: [b] }', 'BUNNY_ETYPE', /nothing can be put/],
      [
        'unikraft',
        'rootfs: { from: host.example/a, path: a, include: [b] }',
        'BUNNY_ETYPE',
        /nothing can be/,
      ],
      ['unikraft', 'rootfs: { from: host.example/a }', 'BUNNY_ETYPE', /needs the `path`/],
      ['unikraft', 'rootfs: { from: local, path: a, type: block }', 'BUNNY_EROOTFS', /no block device/],
      ['rumprun', 'rootfs: { type: block, include: [a] }', 'BUNNY_EROOTFS', /is a prebuilt file/],
      [
        'rumprun',
        'rootfs: { include: [{ from: site, source: a }] }',
        'BUNNY_ETYPE',
        /or an OCI image, not "site"/,
      ],
      ['rumprun', 'rootfs: { type: ext4 }', 'BUNNY_ETYPE', /rootfs.type/],
    ] as const) {
      const [found, told] = refused(framework, line);
      assert.equal(found, code, line);
      assert.match(told, message, line);
    }
    const other = text('unikraft').replace('from: local', 'from: locl');
    assert.throws(() => readBunnyfile(other, 'bunnyfile'), { code: 'BUNNY_ETYPE' });
    assert.throws(
      () => readBunnyfile('version: 0.1\nplatforms: { framework: warren }\nrootfs: { type: raw }\n', 'f'),
      {
        code: 'BUNNY_EROOTFS',
      },
    );
  });

  it('has keys that mean nothing told, not refused; an app has not', () => {
    const { passedOver } = read('unikraft', 'extra: 1', 'rootfs: { from: local, path: a, size: 3 }');
    assert.equal(passedOver?.length, 2);
    assert.match(passedOver[0] ?? '', /^bunnyfile:5:1: .*extra.*means nothing here$/);
    assert.match(passedOver[1] ?? '', /^bunnyfile:6:.*size/);
    assert.equal(read('unikraft').passedOver, undefined);
    assert.equal(refused('unikraft', 'extra: 1', 'rootfs: { from: 3 }')[0], 'BUNNY_ETYPE');
    const app = 'version: 0.1\nplatforms: { framework: warren }\nextra: 1\n';
    assert.throws(() => readBunnyfile(app, 'f'), { code: 'BUNNY_EUNKNOWNKEY' });
    const both = `${text('unikraft')}app: {}\nextra: 1\n`;
    assert.throws(() => readBunnyfile(both, 'f'), { code: 'BUNNY_EUNKNOWNKEY' });
  });

  it('is no Containerfile, which leads to what to write instead', () => {
    for (const container of [
      '#syntax=harbor.nbfc.io/nubificus/bunny:latest\nFROM unikraft.org/nginx:1.15\n\nCOPY initrd /\n',
      '\n  from scratch\n',
      '#syntax=bunny FROM unikraft.org/nginx:1.15\n\nLABEL com.urunc.unikernel.binary="/kernel"\n',
    ]) {
      assert.throws(
        () => readBunnyfile(container, 'Containerfile'),
        (error: BunnyError) => {
          assert.deepEqual(
            [error.code, error.message],
            ['BUNNY_EYAML', 'this is a Containerfile, not a Bunnyfile'],
          );
          assert.match(error.hint ?? '', /nubificus-bunny\.md/);
          return true;
        },
      );
    }
  });
});
