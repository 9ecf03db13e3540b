import assert from 'node:assert/strict';
import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bunny, bunnyError } from 'bunny-libos-testing/command/bunny.js';
import { writeFiles } from 'bunny-libos-testing/files/documents.js';
import { temporaryDirectory } from 'bunny-libos-testing/files/temporary.js';
import { copyOfApp, warren, warrenSources, warrenTimeout } from 'bunny-libos-testing/frameworks/warren.js';

/** A document with one mistake, and how the command line tells it. */
interface Mistake {
  what: string;
  /** The lines that replace those of the honest document; see below. */
  change: [before: string, after: string];
  told: string[];
}

const component = [
  'framework: warren',
  'name: thing',
  'version: 1.0.0',
  'dependencies: { libc: ^1.0 }',
  'options: { size: { type: integer, default: 4, minimum: 1, maximum: 9, define: SIZE } }',
  'sources: [src/code.c]',
  'affectedBy: [arch]',
  'matrix: { arch: [amd64], options: [{ size: 5 }] }',
  '',
].join('\n');

const componentMistakes: Mistake[] = [
  {
    what: 'an unknown key',
    change: ['dependencies:', 'dependancies:'],
    told: [
      'error[BUNNY_EUNKNOWNKEY]: unknown key "dependancies"',
      '  --> thing/component.yaml:4:1',
      '  help: did you mean "dependencies"?',
    ],
  },
  {
    what: 'a wrong type',
    change: ['[src/code.c]', '7'],
    told: [
      'error[BUNNY_ETYPE]: sources: must be a list, not the number 7',
      '  --> thing/component.yaml:6:10',
      '  help: docs/reference shows what is allowed there',
    ],
  },
  {
    what: 'a bad version',
    change: ['version: 1.0.0', 'version: "1.0"'],
    told: [
      'error[BUNNY_EVERSION]: version: "1.0" is not a semantic version',
      '  --> thing/component.yaml:3:10',
      '  help: write "1.0.0"',
    ],
  },
  {
    what: 'a bad range',
    change: ['libc: ^1.0', 'libc: banana'],
    told: [
      'error[BUNNY_ERANGE]: dependencies.libc: "banana" is not a range of versions',
      '  --> thing/component.yaml:4:23',
      '  help: write a range as node-semver reads it: ^1.2, ~1.2.3, >=1 <3, 1.x or *',
    ],
  },
  {
    what: 'an option value outside its declaration',
    change: ['size: 5', 'size: 10'],
    told: [
      'error[BUNNY_EOPTION]: matrix.options[0].size: 10 is more than the maximum, 9',
      '  --> thing/component.yaml:8:44',
      '  help: docs/reference shows what is allowed there',
    ],
  },
  {
    what: 'an option value of another type',
    change: ['size: 5', 'size: five'],
    told: [
      'error[BUNNY_EOPTION]: matrix.options[0].size: "five" is not a whole number',
      '  --> thing/component.yaml:8:44',
      '  help: docs/reference shows what is allowed there',
    ],
  },
  {
    what: 'an option that is not declared',
    change: ['size: 5', 'sise: 5'],
    told: [
      'error[BUNNY_EOPTION]: matrix.options[0]: the component has no option "sise"',
      '  --> thing/component.yaml:8:38',
      '  help: did you mean "size"?',
    ],
  },
  {
    what: 'a missing source',
    change: ['[src/code.c]', '[src/code.c, src/more.c]'],
    told: [
      'error[BUNNY_ESOURCE]: there is no file src/more.c',
      '  --> thing/component.yaml:6:23',
      '  help: did you mean src/code.c?',
    ],
  },
  {
    what: 'a source in no known language',
    change: ['[src/code.c]', '[src/code.rs]'],
    told: [
      'error[BUNNY_ELANGUAGE]: no language of warren takes code.rs',
      '  --> thing/component.yaml:6:10',
      '  help: leave it out of the sources, or rename it; known: asm (*.S), c (*.c)',
    ],
  },
  {
    what: 'a source outside of the component',
    change: ['[src/code.c]', '[../other.c]'],
    told: [
      'error[BUNNY_EPATH]: sources[0]: "../other.c" is not a path below the directory of the document',
      '  --> thing/component.yaml:6:11',
      '  help: write a relative path with / and without ..',
    ],
  },
  {
    what: 'a key that is missing',
    change: ['name: thing\n', ''],
    told: [
      'error[BUNNY_ETYPE]: the key "name" is missing',
      '  --> thing/component.yaml:1:1',
      '  help: docs/reference shows what is allowed there',
    ],
  },
  {
    what: 'broken YAML',
    change: ['[src/code.c]', '[src/code.c'],
    told: [
      'error[BUNNY_EYAML]: Flow sequence in block collection must be sufficiently indented and end with a ]',
      '  --> thing/component.yaml:7:1',
      '  help: correct the YAML there, or in the line above',
    ],
  },
  {
    what: 'a key twice',
    change: ['version: 1.0.0', 'version: 1.0.0\nversion: 1.0.1'],
    told: [
      'error[BUNNY_EYAML]: this key appears twice',
      '  --> thing/component.yaml:4:1',
      '  help: correct the YAML there, or in the line above',
    ],
  },
];

const toolingMistakes: Mistake[] = [
  {
    what: 'a template that names an unknown variable',
    change: ['$includes $defines $flags', '$includes $defined $flags'],
    told: [
      'error[BUNNY_ETEMPLATE]: unknown variable $defined',
      '  --> tooling/tooling.yaml:39:14',
      '  known here: $basename $cflags $defines $depfile $flags $identifier $in $includes $machine $name $out',
      '  help: did you mean $defines?',
    ],
  },
  {
    what: 'a default that is none of the values',
    change: ['default: false, description: Compile', 'default: maybe, description: Compile'],
    told: [
      'error[BUNNY_EOPTION]: settings.debug.default: "maybe" is not one of its values',
      '  --> tooling/tooling.yaml:13:44',
      '  help: add it to `values`',
    ],
  },
];

const bunnyfileMistakes: Mistake[] = [
  {
    what: 'an unknown key',
    change: ['dependencies:', 'dependency:'],
    told: [
      'error[BUNNY_EUNKNOWNKEY]: unknown key "dependency"',
      '  --> hello/Bunnyfile:6:1',
      '  help: did you mean "dependencies"?',
    ],
  },
  {
    what: 'a wrong type',
    change: ["app: { sources: ['src/*.c'] }", 'app: [src]'],
    told: [
      'error[BUNNY_ETYPE]: app: must be a map, not a list',
      '  --> hello/Bunnyfile:5:6',
      '  help: docs/reference shows what is allowed there',
    ],
  },
  {
    what: 'a bad range',
    change: ['libc: ^1.0', 'libc: one'],
    told: [
      'error[BUNNY_ERANGE]: dependencies.libc: "one" is not a range of versions',
      '  --> hello/Bunnyfile:6:23',
      '  help: write a range as node-semver reads it: ^1.2, ~1.2.3, >=1 <3, 1.x or *',
    ],
  },
  {
    what: 'an option that is no scalar',
    change: ['targets:', 'options: { libc: { a: [1] } }\ntargets:'],
    told: [
      'error[BUNNY_ETYPE]: options.libc.a: must be a text or a number or true or false, not a list',
      '  --> hello/Bunnyfile:7:23',
      '  help: docs/reference shows what is allowed there',
    ],
  },
  {
    what: 'a target without a platform',
    change: ['{ arch: amd64, platform: linuxu }', '{ arch: amd64 }'],
    told: [
      'error[BUNNY_ETYPE]: targets[2]: the key "platform" is missing',
      '  --> hello/Bunnyfile:10:5',
      '  help: docs/reference shows what is allowed there',
    ],
  },
];

describe('mistakes in documents', function () {
  this.timeout(60_000);
  let cwd: string;

  before(async function () {
    this.timeout(warrenTimeout);
    await warren();
    cwd = await temporaryDirectory('documents');
    await writeFiles(cwd, {
      'thing/component.yaml': component,
      'thing/src/code.c': 'int x;\n',
      'thing/src/code.rs': '',
    });
    await cp(join(warrenSources, 'tooling'), join(cwd, 'tooling'), { recursive: true });
    await cp(await copyOfApp('hello'), join(cwd, 'hello'), { recursive: true });
  });

  const told = async (words: string[], file: string, { change: [before, after] }: Mistake) => {
    const { store } = await warren();
    const honest = await readFile(join(cwd, file), 'utf8');
    assert.ok(honest.includes(before), before);
    await writeFile(join(cwd, file), honest.replace(before, after));
    try {
      const { status, stdout, stderr } = await bunny(words, { cwd, store });
      assert.equal(stdout, '');
      assert.equal(status, 2, stderr);
      return stderr.trimEnd().split('\n');
    } finally {
      await writeFile(join(cwd, file), honest);
    }
  };

  describe('component.yaml', () => {
    for (const mistake of componentMistakes) {
      it(mistake.what, async () => {
        const { registry } = await warren();
        assert.deepEqual(
          await told(['publish', 'thing', '--to', registry], 'thing/component.yaml', mistake),
          mistake.told,
        );
      });
    }
  });

  describe('tooling.yaml', () => {
    for (const mistake of toolingMistakes) {
      it(mistake.what, async () => {
        const { registry } = await warren();
        assert.deepEqual(
          await told(['publish', 'tooling', '--to', registry], 'tooling/tooling.yaml', mistake),
          mistake.told,
        );
      });
    }
  });

  describe('Bunnyfile', () => {
    for (const mistake of bunnyfileMistakes) {
      it(mistake.what, async () => {
        const { registry } = await warren();
        assert.deepEqual(
          await told(['resolve', '-f', 'hello', '--from', registry], 'hello/Bunnyfile', mistake),
          mistake.told,
        );
      });
    }
  });

  it('are told as JSON with the same place', async () => {
    const { store, registry } = await warren();
    await writeFiles(cwd, { 'wrong/component.yaml': component.replace('version: 1.0.0', 'version: 1') });
    const error = await bunnyError(['publish', 'wrong', '--to', registry], { cwd, store });
    assert.equal(error.code, 'BUNNY_EVERSION');
    assert.deepEqual(error.where, { file: 'wrong/component.yaml', line: 3, column: 10 });
  });
});
