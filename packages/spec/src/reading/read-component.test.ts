import assert from 'node:assert/strict';
import { BunnyError } from '../errors/errors.js';
import { readComponent } from './read-component.js';

const smallest = `framework: warren
name: net
version: 1.2.0
matrix: { arch: [amd64], platform: [qemu] }
`;

function refused(text: string): BunnyError {
  try {
    readComponent(text, 'component.yaml');
  } catch (error) {
    if (error instanceof BunnyError) return error;
    throw error;
  }
  throw new assert.AssertionError({ message: 'accepted' });
}

describe('component.yaml', () => {
  it('fills every default in', () => {
    assert.deepEqual(readComponent(smallest, 'component.yaml').value, {
      framework: 'warren',
      name: 'net',
      version: '1.2.0',
      dependencies: {},
      conflicts: {},
      provides: {},
      options: {},
      affectedBy: ['arch', 'platform'],
      sources: [],
      objects: [],
      include: [],
      defines: {},
      flags: [],
      scripts: [],
      exclude: [],
      matrix: { arch: ['amd64'], platform: ['qemu'] },
    });
  });

  it('writes short forms out, and architectures by their OCI names', () => {
    const { value } = readComponent(
      `framework: warren
name: net
version: 1.2.0
dependencies:
  libc: ^1.0
  time: 1.10
  virtio: { version: ^1.1, when: { platform: qemu, arch: [x86_64, aarch64] } }
  alloc: { options: { heap: tlsf } }
sources:
  - src/**/*.c
  - { files: arch/arm64/*.S, when: { arch: aarch64 } }
  - { files: [a.c, b.c] }
scripts:
  - extra.lds
  - { file: link.lds, kind: default, when: { arch: x86_64 } }
matrix: { arch: [x86_64, aarch64], platform: [qemu] }
`,
      'component.yaml',
    );
    assert.deepEqual(value.dependencies, {
      libc: { version: '^1.0' },
      time: { version: '1.10' },
      virtio: { version: '^1.1', when: { platform: 'qemu', arch: ['amd64', 'arm64'] } },
      alloc: { version: '*', options: { heap: 'tlsf' } },
    });
    assert.deepEqual(value.sources, [
      { files: ['src/**/*.c'] },
      { files: ['arch/arm64/*.S'], when: { arch: 'arm64' } },
      { files: ['a.c', 'b.c'] },
    ]);
    assert.deepEqual(value.scripts, [
      { file: 'extra.lds', kind: 'extra' },
      { file: 'link.lds', kind: 'default', when: { arch: 'amd64' } },
    ]);
    assert.deepEqual(value.matrix, { arch: ['amd64', 'arm64'], platform: ['qemu'] });
  });

  it('can be pointed into afterwards, by what it was normalised to', () => {
    const document = readComponent(`${smallest}dependencies:\n  libc: ^1.0\n`, 'component.yaml');
    assert.deepEqual(document.keyAt(['dependencies', 'libc']), {
      file: 'component.yaml',
      line: 6,
      column: 3,
    });
    assert.deepEqual(document.at(['dependencies', 'libc', 'version']), {
      file: 'component.yaml',
      line: 6,
      column: 9,
    });
  });

  it('lists all errors by place, with their codes and what to do', () => {
    const error = refused(`framework: warren
nam: net
version: 1.2
dependencies:
  Libc: ^1.0
  libc: 1..0
  virtio: { versoin: ^1.1, when: [] }
sources: [../secret.c]
options: 3
matrix: { arch: [] }
`);
    assert.equal(error.code, 'BUNNY_EUNKNOWNKEY', 'of "nam" and the missing "name" one is told');
    assert.equal(error.message, 'unknown key "nam"');
    assert.equal(error.hint, 'did you mean "name"?');
    assert.deepEqual(error.where, { file: 'component.yaml', line: 2, column: 1 });
    assert.equal(error.exitStatus, 2);
    assert.deepEqual(
      error.details.map((line) => line.replace(/ \(.*/, '')),
      [
        'component.yaml:3:10: BUNNY_EVERSION: version: "1.2" is not a semantic version',
        'component.yaml:5:3: BUNNY_ENAME: dependencies: "Libc" cannot be a name of a component',
        'component.yaml:6:9: BUNNY_ERANGE: dependencies.libc: "1..0" is not a range of versions',
        'component.yaml:7:13: BUNNY_EUNKNOWNKEY: unknown key "versoin" in dependencies.virtio',
        'component.yaml:7:34: BUNNY_ETYPE: dependencies.virtio.when: must be a map, not a list',
        'component.yaml:8:11: BUNNY_EPATH: sources[0]: "../secret.c" is not a path below the directory of the document',
        'component.yaml:9:10: BUNNY_ETYPE: options: must be a map, not the number 3',
        'component.yaml:10:17: BUNNY_ETYPE: matrix.arch: must not be empty',
      ],
    );
  });

  it('suggests the nearest key', () => {
    const error = refused(`${smallest}dependecies: {}\n`);
    assert.equal(error.code, 'BUNNY_EUNKNOWNKEY');
    assert.equal(error.hint, 'did you mean "dependencies"?');
    assert.deepEqual(error.where, { file: 'component.yaml', line: 5, column: 1 });
  });

  it('takes what the compiler is told for some files, and which headers are public', () => {
    const { value } = readComponent(
      `${smallest}flags: -fno-builtin  -O3
options: { tls: { type: boolean, default: false } }
sources:
  - { files: up/*.c, exclude: [up/main.c], include: ./port/, defines: { A: 1 }, flags: [-DB=x y] }
  - { when: { tls: true }, flags: -O0 }
include: [api, { directory: ./up, files: up.h, when: { arch: x86_64 } }]
`,
      'component.yaml',
    );
    assert.deepEqual(value.flags, ['-fno-builtin', '-O3']);
    assert.deepEqual(value.sources, [
      { files: ['up/*.c'], exclude: ['up/main.c'], include: ['port'], defines: { A: 1 }, flags: ['-DB=x y'] },
      { when: { tls: true }, flags: ['-O0'] },
    ]);
    assert.deepEqual(value.include, [
      { directory: 'api' },
      { directory: 'up', files: ['up.h'], when: { arch: 'amd64' } },
    ]);
  });

  it('refuses flags that no command can hold, and entries that say nothing', () => {
    const messages = (text: string) => {
      const { code, message, details } = refused(smallest + text);
      return [code, message, ...details.map((line) => line.replace(/ \(.*/, '').replace(/^\S+ /, ''))];
    };
    assert.deepEqual(messages('flags: ["-O2\\n", "", "\\0"]\n').slice(0, 2), [
      'BUNNY_ETYPE',
      'flags[0]: "-O2\\n" is not a word for the compiler (of one line, not empty)',
    ]);
    assert.equal(messages('flags: ["-O2\\n", "", "\\0"]\n').length, 4);
    assert.deepEqual(messages('sources: [{ files: a.c, flags: "a\\0b" }]\n'), [
      'BUNNY_ETYPE',
      'sources[0].flags: "a\\u0000b" is not words for the compiler',
    ]);
    assert.deepEqual(messages('sources: [{ when: { arch: amd64 } }, { exclude: a.c, flags: -O3 }]\n'), [
      'BUNNY_ETYPE',
      'sources[0]: the key "files" is missing',
      'BUNNY_ETYPE: sources[1]: `exclude` without `files`',
    ]);
    assert.deepEqual(messages('sources: [{ files: a.c, include: ../up }]\n')[0], 'BUNNY_EPATH');
    assert.deepEqual(messages('objects: [{ files: a.o, flags: -O3 }]\n').slice(0, 2), [
      'BUNNY_EUNKNOWNKEY',
      'unknown key "flags" in objects[0]',
    ]);
  });

  it('refuses a macro of some sources that the component or an option sets', () => {
    const error = refused(`${smallest}defines: { W: 1 }
options:
  a: { type: boolean, default: false, define: X }
sources:
  - { files: a.c, defines: { X: 1, Y: 2 } }
  - { files: b.c, defines: { Y: 3, W: 1 } }
`);
    assert.equal(error.code, 'BUNNY_EDUPLICATE');
    assert.equal(error.message, 'sources[0].defines.X: the macro X is set by options.a.define already');
    assert.match(
      error.details[0] ?? '',
      /sources\[1\]\.defines\.W: the macro W is set by defines\.W already/,
    );
  });

  it('refuses two values of one macro', () => {
    const error = refused(`${smallest}defines: { W: 1 }
options:
  a: { type: boolean, default: false, define: X }
  b: { type: boolean, default: false, define: X }
  c: { type: boolean, default: false, define: W }
`);
    assert.equal(error.code, 'BUNNY_EDUPLICATE');
    assert.equal(error.message, 'options.b.define: the macro X is set by options.a.define already');
    assert.deepEqual(error.where, { file: 'component.yaml', line: 8, column: 47 });
    assert.match(error.details[0] ?? '', /options\.c\.define: the macro W is set by defines\.W already/);
  });

  it('checks declarations of options', () => {
    const error = refused(`${smallest}options:
  a: { type: boolean, default: 1 }
  b: { type: integer, default: 5, minimum: 1, maximum: 4 }
  c: { type: string, default: x, values: [y, z] }
  d: { type: integer, default: 1, minimum: 3, maximum: 1 }
  e: { type: string, default: x, minimum: 3 }
  f: { type: integer, default: 1, values: [1, 2.5] }
  g: { type: boolean, default: true, values: [true] }
`);
    const lines = [error.message, ...error.details.map((line) => line.replace(/^\S+ BUNNY_EOPTION: /, ''))];
    assert.equal(error.code, 'BUNNY_EOPTION');
    assert.deepEqual(lines, [
      'options.a.default: 1 is not true or false',
      'options.b.default: 5 is more than the maximum, 4',
      'options.c.default: "x" is not one of "y", "z"',
      'options.d.default: 1 is less than the minimum, 3',
      'options.d.maximum: is less than the minimum, 3',
      'options.e.minimum: only an integer has a minimum',
      'options.f.values: 2.5 is not a whole number',
      'options.g.values: a boolean needs no list of values',
    ]);
  });

  it('checks the rows of the matrix against options and settings', () => {
    const error = refused(`framework: warren
name: net
version: 1.2.0
options: { ipv6: { type: boolean, default: false } }
affectedBy: [arch, smp]
matrix:
  arch: [amd64]
  platform: [qemu]
  options: [{}, { ipv4: true }, { ipv6: 'on' }, { constructor: 1 }]
`);
    assert.deepEqual(
      [error.message, ...error.details.map((line) => line.replace(/ \(.*/, '').replace(/^\S+ \S+ /, ''))],
      [
        'matrix: no values for the setting "smp", which affects the component',
        'matrix: the component is not affected by the setting "platform"',
        'matrix.options[1]: the component has no option "ipv4"',
        'matrix.options[2].ipv6: "on" is not true or false',
        'matrix.options[3]: the component has no option "constructor"',
      ],
    );
    assert.match(error.details[1] ?? '', /did you mean "ipv6"\?/);
  });

  it('tells of two spellings of a setting which one is wrong', () => {
    const head = 'framework: warren\nname: net\nversion: 1.0.0\n';
    const typo = refused(`${head}affectedBy: [archh]\nmatrix: { arch: [amd64] }\n`);
    assert.equal(typo.message, 'matrix: no values for the setting "archh", which affects the component');
    assert.equal(typo.hint, 'did you mean "arch"?');
    assert.deepEqual(typo.where, { file: 'component.yaml', line: 4, column: 14 });
    assert.match(typo.details[0] ?? '', /setting "arch" \(name it in `affectedBy`, or leave it out here\)$/);

    const row = refused(`${head}affectedBy: [arch]\nmatrix: { archh: [amd64] }\n`);
    assert.match([row.hint, ...row.details].join('\n'), /did you mean "arch"\?/);
    assert.doesNotMatch([row.hint, ...row.details].join('\n'), /did you mean "archh"\?/);
  });

  it('names directories and scripts as the files below them are found', () => {
    const { value } = readComponent(
      `${smallest}include: [./include, api/, .]\nscripts: [./a.lds, { file: x//b.lds }]\n`,
      'component.yaml',
    );
    assert.deepEqual(
      value.include.map(({ directory }) => directory),
      ['include', 'api', '.'],
    );
    assert.deepEqual(
      value.scripts.map(({ file }) => file),
      ['a.lds', 'x/b.lds'],
    );
  });

  it('takes sources or objects, not both', () => {
    assert.equal(refused(`${smallest}sources: [a.c]\nobjects: [b.o]\n`).code, 'BUNNY_ETYPE');
  });

  it('refuses a document that is larger than any honest one', () => {
    const error = refused(`${smallest}#${'x'.repeat(1024 * 1024)}`);
    assert.equal(error.code, 'BUNNY_ETOOLARGE');
  });

  it('ends a flood of problems', () => {
    const flood = Array.from({ length: 5_000 }, (_, index) => `k${index}: 1`).join('\n');
    const error = refused(`${smallest}${flood}\n`);
    assert.equal(error.details.length, 101);
    assert.equal(error.details.at(-1), 'and more: correct these first');
  });
});
