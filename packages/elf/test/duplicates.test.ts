import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { basename } from 'node:path';
import { Workbench } from 'bunny-libos-testing/objects/compiled.js';
import { duplicateSymbols } from '../src/duplicates.js';
import { definedSymbols } from '../src/linkage.js';
import { readObject } from '../src/object.js';

const grouped = (group: string, lines: string) =>
  `.section .text.${group},"axG",@progbits,${group},comdat\n${lines}`;

/** The ways in which an object can define a symbol, as assembly. */
const forms: Readonly<Record<string, string>> = {
  strong: '.globl thing\nthing: ret\n',
  hidden: '.globl thing\n.hidden thing\nthing: ret\n',
  local: 'thing: ret\n',
  weak: '.weak thing\nthing: ret\n',
  common: '.comm thing, 8, 8\n',
  tooLarge: '.data\n.globl thing\n.size thing, 4\nthing: .long 0\n',
  grouped: grouped('thing', '.globl thing\nthing: ret\n'),
  groupedAnew: grouped('thing', '.globl thing\nthing: nop\nret\n'),
  otherGroup: grouped('other', '.globl thing\nthing: ret\n'),
  weakInGroup: grouped('thing', '.weak thing\nthing: ret\n'),
  linkonce: '.section .gnu.linkonce.t.thing,"ax",@progbits\n.globl thing\nthing: ret\n',
  absolute: '.globl thing\n.set thing, 42\n',
  versioned: '.globl real\nreal: ret\n.symver real,thing@@V2\n',
  olderVersion: '.globl real\nreal: ret\n.symver real,thing@V1\n',
  undefined: 'call thing\n',
  nothing: '.globl another\nanother: ret\n.set another_name, another\n',
};

describe('duplicateSymbols', () => {
  const bench = new Workbench();
  after(() => bench.remove());

  it('are those that a linker refuses, whatever the form of the definitions and their order', () => {
    const objects = Object.entries(forms).flatMap(([form, text]) =>
      ['a', 'b'].map((copy) => {
        const own = text.replaceAll(/another|real/g, `$&_${copy}`);
        return bench.make(`${form}-${copy}.o`, { name: `${form}.s`, text: own }, 'as');
      }),
    );
    const firsts = objects.filter((path) => path.endsWith('-a.o'));
    const seconds = objects.filter((path) => path.endsWith('-b.o'));
    let refused = 0;
    for (const first of firsts) {
      for (const second of seconds) {
        const words = ['--unresolved-symbols=ignore-all', '-e', '0', '-o', `${bench.directory}/out`];
        const { status, stderr } = spawnSync('ld', [...words, first, second], { encoding: 'utf8' });
        const found = duplicateSymbols([first, second].map((path) => readObject(bench.read(path))));
        const pair = `${basename(first)} ${basename(second)}: ${stderr}`;
        const [name = '', ...others] = found.keys();
        assert.equal(name.replace('@V1', ''), status === 0 ? '' : 'thing', pair);
        assert.deepEqual([...found.values()].flat(), status === 0 ? [] : [0, 1], pair);
        assert.deepEqual(others, []);
        if (status !== 0) refused++;
      }
    }
    assert.ok(refused > 20, `${refused}`);
  });

  it('know the groups of a partial link, and those of C++', () => {
    const inline =
      'template <class T> struct S { static T value; T get() { return value; } };\ntemplate <class T> T S<T>::value = 1;\n';
    const sources = ['one', 'two'].map((name) =>
      bench.make(
        `${name}.o`,
        {
          name: `${name}.cc`,
          text: `${inline}inline int shared() { static int n; return ++n; }\nint ${name}() { return shared() + S<int>().get(); }\nint both() { return 1; }\n`,
        },
        'g++',
        '-c',
        '-O0',
      ),
    );
    const partial = sources.map((path) => bench.make(`${basename(path)}.r.o`, undefined, 'ld', '-r', path));
    for (const paths of [sources, partial, [sources[0] ?? '', partial[1] ?? '']]) {
      const found = duplicateSymbols(paths.map((path) => readObject(bench.read(path))));
      assert.deepEqual([...found], [['_Z4bothv', [0, 1]]]);
    }
  });

  it('take a default version for the name that it is linked by', () => {
    const text = '.globl real\nreal: ret\n.symver real,thing@@V2\n.symver real,thing@V1\n';
    const object = readObject(bench.read(bench.make('versions.o', { name: 'versions.s', text }, 'as')));
    assert.deepEqual(definedSymbols(object), ['real', 'thing', 'thing@@V2', 'thing@V1', 'thing@V2']);
  });

  it('name every object that defines one', () => {
    const make = (name: string, text: string) =>
      readObject(bench.read(bench.make(`${name}.o`, { name: `${name}.c`, text }, 'gcc', '-c')));
    const found = duplicateSymbols([
      make('p', 'int z; int a;'),
      make('q', 'int b;'),
      make('r', 'int a; int z;'),
      make('s', 'static int z; int a; int use(void) { return z; }'),
    ]);
    assert.deepEqual(
      [...found],
      [
        ['a', [0, 2, 3]],
        ['z', [0, 2]],
      ],
    );
  });
});
