import assert from 'node:assert/strict';
import type { BunnyError } from '../errors/errors.js';
import { errorIn } from './document.js';
import { readBunnyfile } from './read-bunnyfile.js';
import { readComponent } from './read-component.js';
import { readTooling } from './read-tooling.js';
import { bunnyfileSettingProblems, componentSettingProblems } from './setting-problems.js';

const { value: rules } = readTooling(
  `framework: warren
version: 1.0.0
abi: warren-1
rootfs: { directory: root }
settings: { debug: [false, true] }
languages: { c: { files: '*.c', compile: gcc -c $in -o $out } }
targets:
  - { arch: amd64, platform: qemu, link: ld, monitor: { command: qemu } }
  - { arch: amd64, platform: linuxu, link: ld, monitor: { command: $image } }
  - { arch: arm64, platform: qemu, link: ld, monitor: { command: qemu } }
`,
  'tooling.yaml',
);

/** What is wrong with a component, `CODE line:column message (hint)` each. */
function problems(text: string): string[] {
  const document = readComponent(`framework: warren\nname: net\nversion: 1.0.0\n${text}`, 'c');
  return componentSettingProblems(document.value, rules).map((problem) => told(errorIn(document, [problem])));
}

function told({ code, where, message, hint }: BunnyError): string {
  const place = typeof where === 'object' ? `${where.line}:${where.column}` : '';
  return `${code} ${place} ${message} (${hint})`;
}

const matrix = 'matrix: { arch: [amd64, arm64], platform: [qemu, linuxu] }\n';

describe('componentSettingProblems', () => {
  it('lets be what can hold: settings and options, values and lists of them, pairs that no target has', () => {
    assert.deepEqual(
      problems(`${matrix}options: { ipv6: { type: boolean, default: false } }
dependencies:
  virtio: { when: { platform: [qemu, linuxu], ipv6: true } }
  trace: { when: { debug: true } }
sources: [a.c, { files: b.c, when: { arch: x86_64, ipv6: true } }]
scripts: [{ file: s.ld, when: { platform: linuxu } }]
`),
      [],
    );
  });

  it('holds what a matrix makes only against what there is', () => {
    const only = (condition: string) =>
      problems(`matrix: { arch: [amd64], platform: [qemu], only: [{ arch: x86_64 }, ${condition}] }\n`);
    assert.deepEqual(only('{ platform: [qemu] }'), []);
    assert.match(only('{ platform: xen }').join(), /BUNNY_ESETTING .*matrix\.only\[1\]\.platform: "xen"/);
    assert.match(only('{ debug: true }').join(), /BUNNY_EAFFECTED .*matrix\.only\[1\]/);
    assert.match(only('{ ipv7: true }').join(), /BUNNY_ESETTING .*matrix\.only\[1\]: warren has no setting/);
  });

  it('refuses names that are neither setting nor option', () => {
    assert.deepEqual(
      problems(`${matrix}options: { ipv6: { type: boolean, default: false } }
dependencies: { libc: { when: { platfrm: qemu } } }
sources: [{ files: a.c, when: { constructor: 1 } }]
`),
      [
        'BUNNY_ESETTING 6:33 dependencies.libc.when: warren has no setting, and net no option, "platfrm" (did you mean "platform"?)',
        'BUNNY_ESETTING 7:33 sources[0].when: warren has no setting, and net no option, "constructor" (known here: ipv6, arch, platform, debug)',
      ],
    );
  });

  it('refuses values that are not declared', () => {
    assert.deepEqual(
      problems(`${matrix}options: { heap: { type: integer, default: 1, maximum: 4 } }
sources: [{ files: a.c, when: { platform: linxu } }, { files: b.c, when: { heap: [2, 9] } }]
dependencies: { libc: { when: { debug: 7 } } }
`),
      [
        'BUNNY_ESETTING 7:40 dependencies.libc.when.debug: 7 is not one of false, true (docs/reference shows what is allowed there)',
        'BUNNY_ESETTING 6:43 sources[0].when.platform: "linxu" is not one of "qemu", "linuxu" (did you mean "linuxu"?)',
        'BUNNY_EOPTION 6:86 sources[1].when.heap[1]: 9 is more than the maximum, 4 (docs/reference shows what is allowed there)',
      ],
    );
  });

  it('refuses files that depend on a setting which the variant does not tell', () => {
    const only = 'affectedBy: [arch]\nmatrix: { arch: [amd64] }\n';
    assert.deepEqual(problems(`${only}sources: [{ files: a.c, when: { platform: qemu } }]\n`), [
      'BUNNY_EAFFECTED 6:33 sources[0].when: the component is not affected by the setting "platform" (add platform to affectedBy and to the matrix)',
    ]);
    assert.deepEqual(problems(`${only}dependencies: { virtio: { when: { platform: qemu } } }\n`), []);
  });

  it('refuses values of the matrix that no target has', () => {
    assert.deepEqual(problems('matrix: { arch: [amd64, sparc], platform: [qemu, qmu] }\n'), [
      'BUNNY_ESETTING 4:25 matrix.arch[1]: "sparc" is not one of "amd64", "arm64" (docs/reference shows what is allowed there)',
      'BUNNY_ESETTING 4:50 matrix.platform[1]: "qmu" is not one of "qemu", "linuxu" (did you mean "qemu"?)',
    ]);
    assert.deepEqual(problems('affectedBy: [dbug]\nmatrix: { dbug: [true] }\n'), [
      'BUNNY_ESETTING 4:14 affectedBy[0]: warren has no setting "dbug" (did you mean "debug"?)',
    ]);
  });
});

describe('bunnyfileSettingProblems', () => {
  it('holds conditions against the settings of the framework', () => {
    const document = readBunnyfile(
      `version: v0.1
platforms: { framework: warren }
dependencies:
  libc: { version: ^1, when: { platfrm: qemu } }
  time: { when: { platform: [qemu, qmeu] } }
  main: { when: { arch: aarch64 } }
`,
      'Bunnyfile',
    );
    assert.deepEqual(
      bunnyfileSettingProblems(document.value, rules).map((problem) => told(errorIn(document, [problem]))),
      [
        'BUNNY_ESETTING 4:32 dependencies.libc.when: warren has no setting "platfrm" (did you mean "platform"?)',
        'BUNNY_ESETTING 5:36 dependencies.time.when.platform[1]: "qmeu" is not one of "qemu", "linuxu" (did you mean "qemu"?)',
      ],
    );
  });
});
