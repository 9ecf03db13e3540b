import assert from 'node:assert/strict';
import { BunnyError } from '../errors/errors.js';
import { readBunnyfile } from './read-bunnyfile.js';

const smallest = 'version: v0.1\nplatforms: { framework: warren }\n';

function refused(text: string): BunnyError {
  try {
    readBunnyfile(text, 'Bunnyfile');
  } catch (error) {
    if (error instanceof BunnyError) return error;
    throw error;
  }
  throw new assert.AssertionError({ message: 'accepted' });
}

describe('Bunnyfile', () => {
  it('fills every default in', () => {
    assert.deepEqual(readBunnyfile(smallest, 'Bunnyfile', 'hello').value, {
      version: 'v0.1',
      name: 'hello',
      framework: 'warren',
      toolingVersion: '*',
      registries: [],
      app: { language: 'auto', sources: ['*', 'src/**/*'], include: [], defines: {}, flags: [] },
      dependencies: {},
      options: {},
      providers: {},
      settings: {},
      targets: [],
      envs: [],
      cmd: [],
      entrypoint: [],
    });
  });

  it('reads a file written for nubificus/bunny', () => {
    const { value } = readBunnyfile(
      `#syntax=harbor.nbfc.io/nubificus/bunny:latest
version: v0.1

platforms:
  framework: unikraft
  version: v0.15.0
  monitor: qemu
  architecture: x86

rootfs:
  from: local
  path: initrd
  type: initrd

kernel:
  from: local
  path: kernel

envs:
  - LANG=C

cmdline: nginx -c /nginx/conf/nginx.conf
`,
      'bunnyfile',
      'web',
    );
    assert.deepEqual(value, {
      version: 'v0.1',
      name: 'web',
      framework: 'unikraft',
      toolingVersion: '0.15.0',
      monitor: 'qemu',
      architecture: 'amd64',
      registries: [],
      dependencies: {},
      options: {},
      providers: {},
      settings: {},
      targets: [],
      rootfs: { from: 'local', path: 'initrd', type: 'initrd', include: [] },
      kernel: { from: 'local', path: 'kernel' },
      envs: ['LANG=C'],
      cmd: ['nginx', '-c', '/nginx/conf/nginx.conf'],
      entrypoint: [],
    });
  });

  it('reads registries with and without mirrors', () => {
    const { value } = readBunnyfile(
      `${smallest}registries:\n  - oci:registry\n  - { ref: host.example/libos, mirrors: [oci:mirror, localhost:5001/libos] }\n  - ref: other.example/libos\n`,
      'Bunnyfile',
    );
    assert.deepEqual(value.registries, [
      { ref: 'oci:registry', mirrors: [] },
      { ref: 'host.example/libos', mirrors: ['oci:mirror', 'localhost:5001/libos'] },
      { ref: 'other.example/libos', mirrors: [] },
    ]);
    assert.match(refused(`${smallest}registries: [{ mirrors: [oci:a] }]\n`).message, /ref/);
    assert.match(refused(`${smallest}registries: [{ ref: oci:a, mirror: oci:b }]\n`).message, /mirror/);
  });

  it('reads versions, words and targets in their short forms', () => {
    const { value } = readBunnyfile(
      `version: v0.1
platforms: { framework: warren, version: 0.10 }
app: { flags: -O3 -g }
targets: [x86_64/qemu, { arch: aarch64, platform: qemu }]
cmd: [serve, 8080]
entrypoint: /bin/app
rootfs: { include: ['www:/srv/www', config.ini, './a//b:c', 'd:./x//y/./', 'e:/x/.', 'f:', './g'] }
`,
      'Bunnyfile',
    );
    assert.equal(value.toolingVersion, '0.10');
    assert.deepEqual(value.app?.flags, ['-O3', '-g']);
    assert.deepEqual(value.targets, [
      { arch: 'amd64', platform: 'qemu' },
      { arch: 'arm64', platform: 'qemu' },
    ]);
    assert.deepEqual(value.cmd, ['serve', '8080']);
    assert.deepEqual(value.entrypoint, ['/bin/app']);
    assert.deepEqual(value.rootfs?.include, [
      { source: 'www', destination: '/srv/www' },
      { source: 'config.ini', destination: '/config.ini' },
      { source: './a//b', destination: '/c' },
      { source: 'd', destination: '/x/y/' },
      { source: 'e', destination: '/x/' },
      { source: 'f', destination: '/f' },
      { source: './g', destination: '/g' },
    ]);
  });

  it('makes a name out of that of the directory', () => {
    const name = (directory: string) => readBunnyfile(smallest, 'Bunnyfile', directory).value.name;
    assert.equal(name('My App'), 'my-app');
    assert.equal(name('--'), 'app');
    assert.equal(name('héllo_1'), 'h-llo-1');
    assert.equal(name(`${'x'.repeat(63)}-y`), 'x'.repeat(63));
  });

  it('says what is wrong with each part', () => {
    const cases: [string, string, string][] = [
      ['dependencies: all\n', 'BUNNY_ETYPE', 'dependencies: "all" is not `auto`, or a map'],
      ['app: {}\nkernel: { path: k }\n', 'BUNNY_ETYPE', 'a Bunnyfile compiles an `app` or packages'],
      ['cmd: a\ncmdline: b\n', 'BUNNY_ETYPE', '`cmdline` is the older name'],
      ['rootfs: { from: local }\n', 'BUNNY_ETYPE', 'rootfs: `from: local` needs'],
      ['rootfs: { path: x }\n', 'BUNNY_ETYPE', 'rootfs: `path` names a prebuilt file'],
      [
        "rootfs: { include: ['a:../b'] }\n",
        'BUNNY_EPATH',
        'rootfs.include[0]: the destination leaves the root',
      ],
      ['rootfs: { include: ["a:/b\\0c"] }\n', 'BUNNY_EPATH', 'rootfs.include[0]: the destination has a NUL'],
      ["rootfs: { include: [':/b'] }\n", 'BUNNY_EPATH', 'rootfs.include[0]: names no source'],
      [
        'rootfs: { from: local, path: p, include: [a] }\n',
        'BUNNY_ETYPE',
        'rootfs: nothing can be put into a prebuilt',
      ],
      [
        'rootfs: { from: scrach }\n',
        'BUNNY_ETYPE',
        'rootfs.from: must be "scratch" or "local" or an OCI image, not "scrach"',
      ],
      ['settings: { arch: arm64 }\n', 'BUNNY_ESETTING', 'settings: "arch" belongs to the target'],
      ['targets: [amd64]\n', 'BUNNY_ETYPE', 'targets[0]: "amd64" is not arch/platform'],
      ['targets: [amd64/q, amd64/r, amd64/q]\n', 'BUNNY_EDUPLICATE', 'targets[2]: amd64/q is there already'],
      ['targets: [x86_64/q, { arch: amd64, platform: q }]\n', 'BUNNY_EDUPLICATE', 'targets[1]: amd64/q'],
      ['envs: [A]\n', 'BUNNY_ETYPE', 'envs[0]: "A" is not NAME=value'],
      ['app: { sources: [/etc/passwd] }\n', 'BUNNY_EPATH', 'app.sources[0]'],
      [
        'dependencies: { net: { version: "*", options: { mtu: 9000 } } }\noptions: { net: { mtu: 1500 } }\n',
        'BUNNY_EOPTION',
        'options: "mtu" of net has another value in `dependencies`',
      ],
      ['options: { __proto__: { a: 1 } }\n', 'BUNNY_ENAME', 'options: "__proto__" cannot be a name'],
    ];
    for (const [text, code, message] of cases) {
      const error = refused(`${smallest}${text}`);
      assert.equal(error.code, code, text);
      assert.ok(error.message.startsWith(message), `${error.message} | ${message}`);
      assert.equal((error.where as { line: number }).line >= 3, true);
    }
    assert.equal(refused(smallest.replace('v0.1', 'v0.2')).message, 'version: must be "v0.1", not "v0.2"');
  });

  it('says what of `platforms` no target is for', () => {
    const head = (platforms: string) =>
      `version: v0.1\nplatforms: { framework: warren, ${platforms} }\ntargets: [amd64/qemu, arm64/linuxu]\n`;
    const told = (platforms: string) => {
      const { code, message, hint, where } = refused(head(platforms));
      return [code, message, hint, where];
    };
    assert.deepEqual(told('monitor: qmeu'), [
      'BUNNY_ESETTING',
      'platforms.monitor: none of `targets` is for "qmeu"',
      'did you mean "qemu"?',
      { file: 'Bunnyfile', line: 2, column: 42 },
    ]);
    assert.deepEqual(told('architecture: riscv').slice(1, 3), [
      'platforms.architecture: none of `targets` is for "riscv"',
      'they are for amd64, arm64',
    ]);
    assert.equal(
      readBunnyfile(head('monitor: qemu, architecture: aarch64'), 'B').value.architecture,
      'arm64',
    );
  });

  it('takes every way to write v0.1, and nothing later', () => {
    const read = (version: string) =>
      readBunnyfile(smallest.replace('v0.1', version), 'Bunnyfile').value.version;
    for (const version of ['0.1', '"0.1"', 'v0.1.0', '0.1.0', '"v0.1"', 'v0.0.3', '0', 'v0.1.0-rc.1']) {
      assert.equal(read(version), 'v0.1', version);
    }
    for (const version of [
      '0.10',
      '0.2',
      'v0.1.1',
      '1',
      'v1.0.0',
      'latest',
      '0.1.0.0',
      'true',
      '""',
      '-0.1',
    ]) {
      assert.throws(() => read(version), { code: 'BUNNY_ETYPE' }, version);
    }
  });

  it('reads dependencies that are to be found out', () => {
    const text = 'version: v0.1\nplatforms: { framework: warren }\ndependencies: auto\n';
    const { value } = readBunnyfile(text, 'Bunnyfile');
    assert.deepEqual([value.dependencies, value.inferDependencies], [{}, true]);
    assert.throws(
      () => readBunnyfile(text.replace('auto', 'all'), 'Bunnyfile'),
      /"all" is not `auto`, or a map of what is needed/,
    );
  });
});
