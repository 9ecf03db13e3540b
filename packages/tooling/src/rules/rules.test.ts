import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { type BunnyError, readTooling, type ToolingRules } from 'bunny-libos-spec';
import { checkRules, defaultSettings } from './check-rules.js';
import { isNarrower, matchesPattern } from './file-pattern.js';
import { languageOf } from './languages.js';
import {
  compileCommand,
  generatorCommand,
  generatorsOf,
  linkCommand,
  monitorCommand,
  postLinkCommand,
  postLinkSteps,
  takesDefaultScript,
  takesDuplicates,
  targetRules,
} from './rules.js';
import { compareTypesCommand, describeTypesCommand, typeFlags } from './type-commands.js';

function exampleRules(): ToolingRules {
  return {
    framework: 'warren',
    version: '1.0.0',
    abi: 'warren-1',
    settings: {
      arch: { values: ['amd64', 'arm64'] },
      platform: { values: ['qemu'] },
      lto: { values: [true, false], default: false },
    },
    capabilities: {},
    variables: {
      cflags: [{ words: '-O2 -Wall' }, { words: '-flto', when: { lto: true } }],
      cc: [{ words: 'gcc' }],
    },
    languages: {
      c: {
        files: ['*.c'],
        compile: '$cc $cflags -MD -MF $depfile $includes $defines $flags -c $in -o $out',
        depfile: 'gcc',
        includeFlag: '-I',
        defineFlag: '-D',
        implies: {},
      },
      asm: {
        files: ['*.S', 'crt?.s'],
        compile: '$cc -c $in -o $out',
        includeFlag: '-I',
        defineFlag: '-D',
        implies: {},
      },
      odd: {
        files: ['odd.*'],
        compile: 'odd $in $out',
        includeFlag: '-I',
        defineFlag: '-D',
        implies: {},
      },
    },
    targets: [
      {
        arch: 'amd64',
        platform: 'qemu',
        variables: { cflags: '-m64' },
        link: 'ld -e $entry $defaultScript $scripts -Map $map -o $out $objects',
        entry: '_start',
        scriptFlag: '-T',
        defaultScriptFlag: ['-dT'],
        base: {},
        generate: [
          {
            name: 'names',
            command: 'mkids $closure $components $out $name $identifier $includes',
            output: 'names.c',
            defines: [],
          },
          { name: 'lto', when: { lto: true }, command: 'x $out', output: 'lto.o', defines: [] },
        ],
        postLink: [
          { name: 'strip', command: 'strip $in -o $out' },
          { name: 'never', when: { lto: true }, command: 'x $in $out' },
        ],
        appDefines: ['main'],
        artifacts: ['elf'],
        rootfs: 'initrd',
        monitor: {
          command: 'qemu -kernel $image -m $memory',
          rootfs: '-initrd $rootfs',
          arguments: '-append $arguments',
          memory: 64,
          exit: { offset: 1, factor: 2 },
        },
      },
    ],
    template: {},
  };
}

const settings = { arch: 'amd64', platform: 'qemu', lto: false };
const compileInputs = {
  in: 'src/a b.c',
  out: '/work/a.o',
  depfile: '/work/a.d',
  includes: ['include', '/closure/libc/include'],
  defines: { A: true, B: false, C: 3, D: 'x y' },
  flags: ['-g'],
  name: 'hello',
};

describe('the rules of a target', () => {
  const target = targetRules(exampleRules(), settings);

  it('give compile words: of the target first, then of the layer where conditions hold', () => {
    assert.deepEqual(compileCommand(target, 'c', compileInputs), [
      ...['gcc', '-m64', '-O2', '-Wall', '-MD', '-MF', '/work/a.d'],
      ...['-Iinclude', '-I/closure/libc/include', '-DA=1', '-DC=3', '-DD=x y', '-g'],
      ...['-c', 'src/a b.c', '-o', '/work/a.o'],
    ]);
    const lto = targetRules(exampleRules(), { ...settings, lto: true });
    assert.ok(compileCommand(lto, 'c', compileInputs).includes('-flto'));
  });

  it('keep a file name from being read as a flag or response file', () => {
    assert.equal(compileCommand(target, 'asm', { ...compileInputs, in: '-x.S' })[2], './-x.S');
    assert.equal(compileCommand(target, 'asm', { ...compileInputs, in: '@x.S' })[2], './@x.S');
  });

  it('name a source without its directory, for macros that messages hold', () => {
    const rules = exampleRules();
    Object.assign(rules.languages.c ?? {}, { compile: 'cc -MF $depfile -DFILE=$basename $in -o $out' });
    checkRules(rules);
    const words = compileCommand(targetRules(rules, settings), 'c', compileInputs);
    assert.ok(words.includes('-DFILE=a b.c'));
  });

  it('give link words with and without scripts', () => {
    const inputs = { objects: ['a.o', 'b.o'], scripts: ['x.ld', 'y.ld'], map: 'map', out: 'image' };
    assert.equal(
      linkCommand(target, { ...inputs, defaultScript: 'default.lds' }).join(' '),
      'ld -e _start -dT default.lds -T x.ld -T y.ld -Map map -o image a.o b.o',
    );
    assert.equal(
      linkCommand(target, { ...inputs, scripts: [] }).join(' '),
      'ld -e _start -Map map -o image a.o b.o',
    );
  });

  const linking = (link: string, script: string) => {
    const rules = exampleRules();
    const targets = rules.targets.slice(0, 1).map((first) => ({ ...first, link, variables: {} }));
    const variables = { script: [{ words: script }] };
    return targetRules({ ...rules, variables, targets }, { arch: 'amd64', platform: 'qemu' });
  };

  it('tell whether a link takes two definitions of a symbol', () => {
    assert.equal(takesDuplicates(target), false);
    for (const words of ['-z muldefs', '--allow-multiple-definition', '-Wl,-z,muldefs', '-zmuldefs']) {
      assert.equal(takesDuplicates(linking('ld $script $objects -o $out', words)), true, words);
    }
    assert.equal(takesDuplicates(linking('ld $script', '-z max-page-size=4 --no-allow-x')), false);
  });

  it('tell whether a link takes a default script, also by way of a variable', () => {
    assert.equal(takesDefaultScript(target), true);
    assert.equal(takesDefaultScript(linking('ld $objects', '$defaultScript')), false);
    assert.equal(takesDefaultScript(linking('ld $script', '$defaultScript')), true);
    assert.equal(takesDefaultScript(linking('ld $script', '-x $script')), false);
  });

  it('give generators and post-link steps whose conditions hold', () => {
    const closure = { closure: 'c.json', components: 'c.txt', name: 'my-app', out: 'o' };
    const [names, ...others] = generatorsOf(target);
    assert.ok(names !== undefined && others.length === 0);
    assert.equal(
      generatorCommand(target, names, { ...closure, includes: ['i'], language: 'c' }).join(' '),
      'mkids c.json c.txt o my-app my_app -Ii',
    );
    assert.equal(generatorCommand(target, names, { ...closure, includes: ['i'] }).at(-1), '-Ii');
    const [strip, ...more] = postLinkSteps(target);
    assert.ok(strip !== undefined && more.length === 0);
    assert.equal(
      postLinkCommand(target, strip, { ...closure, in: 'i', linked: 'l', rootfs: 'r' }).join(' '),
      'strip i -o o',
    );
  });

  it('give monitor words: rootfs and arguments only where there are any', () => {
    assert.equal(monitorCommand(target, { image: 'i', arguments: [] }).join(' '), 'qemu -kernel i -m 64');
    assert.deepEqual(
      monitorCommand(target, { image: 'i', rootfs: 'r', arguments: ['a', 'b c', 'd"e\\', ''], memory: 8 }),
      ['qemu', '-kernel', 'i', '-m', '8', '-initrd', 'r', '-append', 'a "b c" "d\\"e\\\\" ""'],
    );
  });

  it('name the targets that exist', () => {
    assert.throws(
      () => targetRules(exampleRules(), { arch: 'riscv64', platform: 'qemu' }),
      (error: BunnyError) => {
        assert.equal(error.code, 'BUNNY_ETARGET');
        assert.equal(error.hint, 'choose one that exists: amd64/qemu');
        assert.equal(error.exitStatus, 1);
        return true;
      },
    );
  });
});

describe('languageOf', () => {
  it('tells by the base name', () => {
    assert.equal(languageOf(exampleRules(), 'src/x.S/main.c'), 'c');
    assert.equal(languageOf(exampleRules(), 'crt1.s'), 'asm');
  });

  it('refuses what no language takes and what several take', () => {
    assert.throws(
      () => languageOf(exampleRules(), 'main.rs'),
      (error: BunnyError) => {
        assert.equal(error.code, 'BUNNY_ELANGUAGE');
        assert.match(error.hint ?? '', /c \(\*\.c\)/);
        return true;
      },
    );
    assert.throws(() => languageOf(exampleRules(), 'odd.c'), /odd\.c could be c or odd/);
  });

  it('prefers what is meant for fewer files', () => {
    const rules = exampleRules();
    const { c } = rules.languages;
    assert.ok(c !== undefined);
    const languages = { ...rules.languages, simd: { ...c, files: ['*.simd.c', 'odd.c'] } };
    const of = (file: string) => languageOf({ ...rules, languages }, file);
    assert.deepEqual(['a.c', 'a.simd.c', 'odd.c', 'even.c'].map(of), ['c', 'simd', 'simd', 'c']);
    assert.throws(() => of('odd.simd.c'), /could be odd or simd/);
  });

  it('knows which of two patterns is narrower', () => {
    for (const [pattern, other, expected] of [
      ['*.simd.c', '*.c', true],
      ['main.c', '*.c', true],
      ['*.c', '*.c', false],
      ['*.c', '**.c', false],
      ['a?.c', 'a*.c', true],
      ['a*.c', 'a?.c', false],
      ['odd.*', '*.c', false],
    ] as const) {
      assert.equal(isNarrower(pattern, other), expected, `${pattern} ${other}`);
    }
  });
});

describe('matchesPattern', () => {
  it('knows stars and question marks', () => {
    const cases: [string, string, boolean][] = [
      ['a.c', '*.c', true],
      ['a.cc', '*.c', false],
      ['abcabd', '*ab?', true],
      ['abcab', '*ab?', false],
      ['', '*', true],
      ['Makefile', 'Makefile', true],
    ];
    for (const [name, pattern, expected] of cases) {
      assert.equal(matchesPattern(name, pattern), expected, `${name} ${pattern}`);
    }
  });

  it('is not led astray by many stars', () => {
    assert.equal(matchesPattern('a'.repeat(255), `${'*a'.repeat(60)}*b`), false);
  });
});

describe('the example of tooling.yaml', () => {
  it('compiles with the words that it shows, each by itself', () => {
    const path = new URL('../../../../../registry-schemas/tooling-source.schema.json', import.meta.url);
    const { examples } = JSON.parse(readFileSync(path, 'utf8')) as { examples: unknown[] };
    const { value } = readTooling(JSON.stringify(examples[0]), 'tooling.yaml');
    checkRules(value);
    const inputs = { in: 'a.c', out: 'a.o', depfile: 'a.d', includes: [], defines: {}, flags: [], name: 'a' };
    const words = compileCommand(targetRules(value, defaultSettings(value, 'amd64', 'qemu')), 'c', inputs);
    assert.deepEqual(words.slice(0, 4), ['gcc', '-O2', '-ffreestanding', '-mno-red-zone']);
    assert.ok(words.every((word) => !word.includes(' ')));
  });
});

describe('checkRules', () => {
  const refused = (change: (rules: ToolingRules) => unknown, summary: RegExp, where: string) => {
    const rules = exampleRules();
    change(rules);
    assert.throws(
      () => checkRules(rules),
      (error: BunnyError) => {
        assert.match(error.message, summary);
        assert.equal(error.where, where);
        return true;
      },
    );
  };

  it('accepts good rules', () => {
    checkRules(exampleRules());
  });

  it('finds an unknown name in every kind of template', () => {
    const target = (rules: ToolingRules) => {
      const [only] = rules.targets;
      assert.ok(only !== undefined);
      return only;
    };
    const unknown = /unknown variable \$nope/;
    const set = (object: object, key: string) => Object.assign(object, { [key]: 'x $nope' });
    refused((rules) => set(rules.languages.c ?? {}, 'compile'), unknown, 'languages.c.compile');
    refused((rules) => set(target(rules), 'link'), unknown, 'targets[0].link');
    refused((rules) => set(target(rules), 'scriptFlag'), unknown, 'targets[0].scriptFlag');
    refused(
      (rules) => set(target(rules).generate[1] ?? {}, 'command'),
      unknown,
      'targets[0].generate[1].command',
    );
    refused(
      (rules) => set(target(rules).postLink[1] ?? {}, 'command'),
      unknown,
      'targets[0].postLink[1].command',
    );
    refused((rules) => set(target(rules).monitor, 'rootfs'), unknown, 'targets[0].monitor.rootfs');
    refused((rules) => set(target(rules).variables, 'x'), unknown, 'targets[0].variables.x');
    refused(
      (rules) => Object.assign(target(rules), { annotations: { 'a.b': 'x $nope' } }),
      unknown,
      'targets[0].annotations."a.b"',
    );
    refused((rules) => set(rules.variables.cflags?.[1] ?? {}, 'words'), unknown, 'variables.cflags[1]');
    const choices = [
      { words: ['-a', '-b'] },
      { words: '-c', when: { lto: true } },
      { words: ['-d', '$nope'] },
    ];
    refused(({ variables }) => Object.assign(variables, { extra: choices }), unknown, 'variables.extra[4]');
  });

  it('finds names that belong to another place, and lists inside a word', () => {
    refused(
      (r) => Object.assign(r.targets[0] ?? {}, { link: 'ld $depfile' }),
      /\$depfile/,
      'targets[0].link',
    );
    refused(
      (r) => Object.assign(r.languages.c ?? {}, { compile: 'cc -x$includes' }),
      /\$includes has 2 words/,
      'languages.c.compile',
    );
  });

  it('finds commands that leave out what they are for', () => {
    const [where, generator, step] = ['languages.c.compile', 'generate[0].command', 'postLink[0].command'];
    const link = (words: string) => (r: ToolingRules) => Object.assign(r.targets[0] ?? {}, { link: words });
    refused(link('ld $objects'), /does not use \$out/, 'targets[0].link');
    refused(link('ld -o $out'), /does not use \$objects/, 'targets[0].link');
    const command = (words: string) => ({ command: words });
    refused(
      (r) => Object.assign(r.targets[0]?.generate[0] ?? {}, command('gen')),
      /does not use \$out/,
      `targets[0].${generator}`,
    );
    refused(
      (r) => Object.assign(r.targets[0]?.postLink[0] ?? {}, command('strip $in')),
      /does not use \$out/,
      `targets[0].${step}`,
    );
    const c = (more: object) => (r: ToolingRules) => Object.assign(r.languages.c ?? {}, more);
    refused(c({ compile: 'cc -MF $depfile -o $out' }), /does not use \$in/, where);
    refused(c({ compile: 'cc $in -o $out', depfile: 'gcc' }), /does not use \$depfile/, where);
    const unread = c({ compile: 'cc -MF $depfile $in -o $out', depfile: undefined });
    refused(unread, /writes \$depfile in a format that is not told/, where);
    const rules = exampleRules();
    Object.assign(rules.variables, { io: [{ words: '$in -o $out -MF $depfile' }] });
    c({ compile: 'cc $io', depfile: 'gcc' })(rules);
    checkRules(rules);
  });

  it('finds types that are not described or compared', () => {
    const types = (more: object) => (r: ToolingRules) =>
      Object.assign(r, {
        types: { flags: '-g', describe: 'dw $objects $includes -- $out', compare: 'diff $in', ...more },
      });
    refused(types({ flags: '-g $in' }), /\$in/, 'types.flags');
    refused(
      (r) => {
        types({})(r);
        for (const language of Object.values(r.languages)) language.compile = 'cc $in $out';
        for (const language of Object.values(r.languages)) delete language.depfile;
      },
      /no language compiles with \$flags/,
      'types.flags',
    );
    refused(types({ describe: 'dw $objects' }), /does not use \$out/, 'types.describe');
    refused(types({ describe: 'dw $out' }), /does not use \$objects/, 'types.describe');
    refused(types({ compare: 'diff' }), /does not use \$in/, 'types.compare');
    refused(types({ compare: ['diff -u', '$in'] }), /cannot be a program/, 'types.compare');
    const rules = exampleRules();
    types({})(rules);
    checkRules(rules);
    const target = targetRules(rules, { ...defaultSettings(rules, 'amd64', 'qemu') });
    assert.deepEqual(compareTypesCommand(target, 'a', 'b'), ['diff', 'a', 'b']);
    const objects = ['x.o', 'y.o'];
    assert.deepEqual(describeTypesCommand(target, { objects, includes: ['i'], out: 't' }), [
      'dw',
      'x.o',
      'y.o',
      'i',
      '--',
      't',
    ]);
    assert.deepEqual(typeFlags(target), ['-g']);
    assert.equal(typeFlags(targetRules(exampleRules(), target.settings)), undefined);
  });

  it('finds a monitor that is not given the root file system that images take', () => {
    const monitor = (more: object) => (r: ToolingRules) => Object.assign(r.targets[0]?.monitor ?? {}, more);
    const lost = /monitor is not given \$rootfs/;
    refused(monitor({ rootfs: [] }), lost, 'targets[0].rootfs');
    refused(monitor({ rootfs: '-initrd /dev/null' }), lost, 'targets[0].rootfs');
    const rules = exampleRules();
    monitor({ rootfs: [], command: 'qemu -kernel $image $drive' })(rules);
    Object.assign(rules.variables, { drive: [{ words: '-initrd $rootfs' }] });
    checkRules(rules);
    monitor({ command: 'qemu -kernel $image', rootfs: [] })(rules);
    Object.assign(rules.targets[0] ?? {}, { rootfs: undefined });
    checkRules(rules);
  });

  it('finds reserved names and outputs that are no file names', () => {
    refused(
      (r) => Object.assign(r.variables, { out: [{ words: 'x' }] }),
      /\$out has the name of a built-in/,
      'variables.out[0]',
    );
    for (const output of ['../x.o', 'a/b.o', '-x.o', '', '.']) {
      refused(
        (r) => Object.assign(r.targets[0]?.generate[0] ?? {}, { output }),
        /is not a plain file name/,
        'targets[0].generate[0].output',
      );
    }
  });

  it('takes a generated header by the name that it is included by', () => {
    const header = (output: string) => (r: ToolingRules) =>
      Object.assign(r.targets[0]?.generate[0] ?? {}, { kind: 'header', output });
    const rules = exampleRules();
    header('uk/bits/libid.h')(rules);
    checkRules(rules);
    for (const output of ['../x.h', 'a//b.h', '/x.h', 'a/-x.h', '']) {
      refused(header(output), /is not a plain file name/, 'targets[0].generate[0].output');
    }
  });

  it('finds a command whose words are one: an item of a list is a word', () => {
    const cc = [{ words: ['gcc -O2', '-Wall'] }];
    refused(
      (r) => Object.assign(r.variables, { cc }),
      /begins with "gcc -O2", which cannot be a program/,
      'languages.c.compile',
    );
    const monitor = { command: ['qemu -m 64', '$image'] };
    const refuse = (r: ToolingRules) => Object.assign(r.targets[0]?.monitor ?? {}, monitor);
    refused(refuse, /begins with "qemu -m 64"/, 'targets[0].monitor.command');
  });

  it('finds a line break in a command, for which ninja has no way to write it', () => {
    const command = ['sh', '-c', 'cp "$$1" "$$2"\nsync', 'sh', '$in', '$out'];
    refused(
      (r) => Object.assign(r.targets[0]?.postLink[0] ?? {}, { command }),
      /has a line break/,
      'targets[0].postLink[0].command',
    );
  });

  it('finds a template of an app that `bunny init` would not write', () => {
    const writes = (path: string) => (r: ToolingRules) =>
      Object.assign(r, { template: { Bunnyfile: '', [path]: '' } });
    refused(writes('.github/x'), /begins with a dot/, 'template.".github/x"');
    refused(writes('Bunnyfile/x'), /there is Bunnyfile/, 'template."Bunnyfile/x"');
  });
});

describe('defaultSettings', () => {
  it('takes the default, else the first value', () => {
    assert.deepEqual(defaultSettings(exampleRules(), 'arm64', 'qemu'), {
      arch: 'arm64',
      platform: 'qemu',
      lto: false,
    });
  });
});
