import assert from 'node:assert/strict';
import type { Bunnyfile } from '../documents/bunnyfile.js';
import { BunnyError, type Position } from '../errors/errors.js';
import type { Document } from './document.js';
import { perFramework, perTarget } from './per-framework.js';
import type { Path } from './problem.js';
import { readBunnyfile } from './read-bunnyfile.js';

const text = `version: v0.1
name: app
registries: [oci:all]
app: { sources: [main.c], defines: { A: 1 } }
dependencies: { libc: ^1.0 }
options: { libc: { small: true } }
frameworks:
  linux:
    version: v2.0.0
    registries: [oci:linux]
    dependencies: { musl: ^1.2 }
    app: { defines: { B: 2 }, flags: -O3 }
targets:
  - { framework: warren, arch: x86_64, platform: qemu }
  - framework: linux
    arch: amd64
    platform: qemu
    sources: [main.c, linux.c]
    options: { libc: { debug: true } }
    settings: { smp: true }
  - { framework: linux, arch: arm64, platform: qemu, dependencies: { libc: ^2.0 } }
`;

function refused(document: string): BunnyError {
  try {
    readBunnyfile(document, 'Bunnyfile');
  } catch (error) {
    if (error instanceof BunnyError) return error;
    throw error;
  }
  throw new assert.AssertionError({ message: 'accepted' });
}

function views(document = text): Map<string, Document<Bunnyfile>> {
  const all = perFramework(readBunnyfile(document, 'Bunnyfile', 'app'));
  return new Map(all.map((view) => [view.value.framework, view]));
}

function viewOf(framework: string): Document<Bunnyfile> {
  const view = views().get(framework);
  assert.ok(view);
  return view;
}

describe('a Bunnyfile for several frameworks', () => {
  it('is for each what one of its own would be, with the same fingerprint', () => {
    const { isOneOfSeveral, ...warren } = viewOf('warren').value;
    assert.equal(isOneOfSeveral, true);
    const alone = readBunnyfile(
      `version: v0.1
name: app
platforms: { framework: warren }
registries: [oci:all]
app: { sources: [main.c], defines: { A: 1 } }
dependencies: { libc: ^1.0 }
options: { libc: { small: true } }
targets: [amd64/qemu]
`,
      'Bunnyfile',
    ).value;
    assert.deepEqual(warren, alone);
  });

  it('lays what is said for a framework over what is said for all', () => {
    const { value } = viewOf('linux');
    assert.equal(value.toolingVersion, '2.0.0');
    assert.deepEqual(value.registries, [{ ref: 'oci:linux', mirrors: [] }]);
    assert.deepEqual(Object.keys(value.dependencies), ['libc', 'musl']);
    assert.deepEqual(value.app?.defines, { A: 1, B: 2 });
    assert.deepEqual(value.app?.flags, ['-O3']);
    assert.deepEqual(
      value.targets.map(({ arch }) => arch),
      ['amd64', 'arm64'],
    );
  });

  it('lays what is said for a target over that', () => {
    const amd64 = perTarget(viewOf('linux'), { arch: 'amd64', platform: 'qemu' }).value;
    assert.deepEqual(amd64.app?.sources, ['main.c', 'linux.c']);
    assert.deepEqual(amd64.app?.flags, ['-O3']);
    assert.deepEqual(amd64.options, { libc: { small: true, debug: true } });
    assert.deepEqual(amd64.settings, { smp: true });
    const arm64 = perTarget(viewOf('linux'), { arch: 'arm64', platform: 'qemu' }).value;
    assert.deepEqual(arm64.app?.sources, ['main.c']);
    assert.equal(arm64.dependencies.libc?.version, '^2.0');
    assert.deepEqual(arm64.settings, {});
  });

  it('knows where each word stands', () => {
    const linux = viewOf('linux');
    const line = (view: Document<Bunnyfile>, path: Path) => text.split('\n')[(view.at(path).line ?? 0) - 1];
    assert.match(line(linux, ['dependencies', 'musl']) ?? '', /musl/);
    assert.match(line(linux, ['dependencies', 'libc']) ?? '', /^dependencies: /);
    assert.match(line(linux, ['registries', 0]) ?? '', /oci:linux/);
    assert.match(line(linux, ['platforms', 'framework']) ?? '', /- framework: linux/);
    assert.match(line(linux, ['platforms', 'version']) ?? '', /v2\.0\.0/);
    assert.match(line(linux, ['targets', 1]) ?? '', /arm64/);
    assert.match(line(viewOf('warren'), ['targets', 0]) ?? '', /warren/);
    const amd64 = perTarget(linux, { arch: 'amd64', platform: 'qemu' });
    assert.match(line(amd64, ['app', 'sources', 1]) ?? '', /sources: \[main\.c, linux\.c\]/);
    assert.match(line(amd64, ['options', 'libc', 'debug']) ?? '', /debug/);
    assert.match(line(amd64, ['options', 'libc', 'small']) ?? '', /small/);
    assert.match(line(amd64, ['settings', 'smp']) ?? '', /smp/);
    assert.match(
      line(perTarget(linux, { arch: 'arm64', platform: 'qemu' }), ['dependencies', 'libc']) ?? '',
      /arm64/,
    );
  });

  it('takes the framework of `platforms` where a target names none', () => {
    const all = views(`version: v0.1
platforms: { framework: warren, version: ^1.0 }
targets: [amd64/qemu, { framework: linux, arch: amd64, platform: qemu }]
`);
    assert.deepEqual([...all.keys()], ['warren', 'linux']);
    assert.equal(all.get('warren')?.value.toolingVersion, '^1.0');
    assert.equal(all.get('linux')?.value.toolingVersion, '*');
  });

  it('lets the targets of one framework differ too', () => {
    const document = readBunnyfile(
      'version: v0.1\nplatforms: { framework: warren }\ntargets: [amd64/qemu, { arch: arm64, platform: qemu, dependencies: { net: ^1.0 } }]\n',
      'Bunnyfile',
    );
    assert.deepEqual(perFramework(document), [document]);
    assert.deepEqual(perTarget(document, { arch: 'amd64', platform: 'qemu' }), document);
    const differs = perTarget(document, { arch: 'arm64', platform: 'qemu' });
    assert.deepEqual(Object.keys(differs.value.dependencies), ['net']);
  });

  const start = 'version: v0.1\n';
  const wrong: [string, string, RegExp, number][] = [
    ['', 'BUNNY_ETYPE', /the key "platforms" is missing/, 1],
    ['targets: []\n', 'BUNNY_ETYPE', /the key "platforms" is missing/, 1],
    [
      'platforms: { monitor: qemu }\ntargets: [amd64/qemu]\n',
      'BUNNY_ETYPE',
      /names no framework|"framework" is missing/,
      2,
    ],
    [
      'targets:\n  - { framework: a, arch: amd64, platform: qemu }\n  - amd64/qemu\n',
      'BUNNY_ETYPE',
      /^targets\[1\]: it names no framework/,
      4,
    ],
    [
      'platforms: { framework: b }\ntargets:\n  - { framework: a, arch: amd64, platform: qemu }\n',
      'BUNNY_ETARGET',
      /^platforms: no target is for b/,
      2,
    ],
    [
      'frameworks: { linus: {} }\ntargets: [{ framework: linux, arch: amd64, platform: qemu }]\n',
      'BUNNY_ETARGET',
      /^frameworks: no target is for "linus"/,
      2,
    ],
    [
      'targets:\n  - { framework: a, arch: amd64, platform: qemu }\n  - { framework: a, arch: x86_64, platform: qemu }\n',
      'BUNNY_EDUPLICATE',
      /^targets\[1\]: a\/amd64\/qemu is there already, as targets\[0\]/,
      4,
    ],
    [
      'targets:\n  - { framework: a, arch: amd64, platform: qemu, settings: { arch: arm64 } }\n',
      'BUNNY_ESETTING',
      /"arch" belongs to the target/,
      3,
    ],
    [
      'targets:\n  - { framework: a, arch: amd64, platform: qemu, sources: [a.c], app: { sources: [b.c] } }\n',
      'BUNNY_ETYPE',
      /`sources` stands for `app.sources`, which is here as well/,
      3,
    ],
    [
      'kernel: { path: k }\ntargets:\n  - { framework: a, arch: amd64, platform: qemu, sources: [a.c] }\n',
      'BUNNY_ETYPE',
      /compiles an `app` or packages a prebuilt `kernel`/,
      4,
    ],
    [
      'dependencies:\n  libc: { options: { debug: true } }\ntargets:\n  - { framework: a, arch: amd64, platform: qemu, options: { libc: { debug: false } } }\n',
      'BUNNY_EOPTION',
      /"debug" of libc has another value/,
      5,
    ],
    [
      'dependencies: auto\ntargets:\n  - { framework: a, arch: amd64, platform: qemu }\n  - { framework: b, arch: amd64, platform: qemu }\n',
      'BUNNY_EINFER',
      /of several frameworks/,
      2,
    ],
  ];
  for (const [rest, code, message, line] of wrong) {
    it(`refuses ${JSON.stringify(rest)}`, () => {
      const error = refused(`${start}${rest}`);
      assert.equal(error.code, code);
      assert.match(error.message, message);
      assert.equal((error.where as Position).line, line);
    });
  }
});
