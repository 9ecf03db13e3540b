import assert from 'node:assert/strict';
import { everyKind, lines, Workbench } from 'bunny-libos-testing/objects/compiled.js';
import { definedSymbols, undefinedSymbols } from '../src/linkage.js';
import { readObject } from '../src/object.js';

/** Names that nm prints with a letter that `letters` matches, sorted. */
function nm(path: string, letters: RegExp, ...flags: string[]): string[] {
  const found = lines('nm', '--format=posix', ...flags, path)
    .map((line) => line.split(' '))
    .filter(([, letter]) => letters.test(letter ?? ''))
    .map(([name]) => name ?? '');
  return [...new Set(found)].sort();
}

/** text, data and bss as size prints them, common symbols included. */
function size(path: string): number[] {
  const [, row = ''] = lines('size', '--format=berkeley', '--common', path);
  return row.trim().split(/\s+/).slice(0, 3).map(Number);
}

/** name, type, size and flags as readelf prints them. */
function readelfSections(path: string): string[] {
  return lines('readelf', '--section-headers', '--wide', path)
    .map((line) =>
      /^ +\[ *\d+\] (\S*) +([A-Z0-9_]+) +[0-9a-f]+ [0-9a-f]+ ([0-9a-f]+) [0-9a-f]+ ([A-Za-z ]{3}) /.exec(
        line,
      ),
    )
    .filter((match) => match !== null && match[2] !== 'NULL')
    .map((match) => {
      const [, name, type = '', size = '', flags = ''] = match ?? [];
      return `${name} ${type.toLowerCase()} ${Number.parseInt(size, 16)} ${flags.replace(/[^AWX]/g, '')}`;
    });
}

function ourSections(path: string, bench: Workbench): string[] {
  return readObject(bench.read(path)).sections.map(({ name, type, size, flags }) => {
    const letters = [flags.write ? 'W' : '', flags.alloc ? 'A' : '', flags.exec ? 'X' : ''].join('');
    return `${name} ${type} ${size} ${letters}`;
  });
}

describe('compared with binutils', () => {
  const bench = new Workbench();
  after(() => bench.remove());

  function agrees(path: string): void {
    const object = readObject(bench.read(path));
    assert.deepEqual(
      definedSymbols(object),
      nm(path, /^[A-TV-Za-z]$/, '--extern-only', '--defined-only'),
      path,
    );
    assert.deepEqual(undefinedSymbols(object), nm(path, /^U$/, '--undefined-only'), path);
    const { text, data, bss } = object.sizes;
    assert.deepEqual([text, data, bss], size(path), path);
  }

  const variants = [
    ['plain', '-O2'],
    ['common', '-O0', '-fcommon'],
    ['sections', '-O2', '-ffunction-sections', '-fdata-sections', '-g'],
    ['pic', '-O2', '-fPIC', '-fstack-protector-all'],
    ['large', '-O1', '-mcmodel=large', '-fcommon'],
    ['ilp32', '-O2', '-m32', '-fno-pic'],
  ] as const;
  for (const [name, ...flags] of variants) {
    it(`on an object compiled ${flags.join(' ')}`, () => {
      const path = bench.make(`${name}.o`, everyKind, 'gcc', '-c', ...flags);
      agrees(path);
      assert.deepEqual(ourSections(path, bench), readelfSections(path));
    });
  }

  it('on an object for arm64', () => {
    const path = bench.make('arm64.o', everyKind, 'aarch64-linux-gnu-gcc', '-c', '-O2', '-fcommon');
    assert.equal(readObject(bench.read(path)).machine, 'arm64');
    agrees(path);
  });

  it('on symbols that only assembly makes', () => {
    const text = `
.globl absolute, unique, resolver
.set absolute, 0x1234
.type unique, @gnu_unique_object
.data
unique: .quad 0
.text
.type resolver, @gnu_indirect_function
resolver: ret
.comm block, 64, 8
.weak strong_elsewhere
call strong_elsewhere
call elsewhere
.section .rodata.more, "a", @progbits
.zero 100
.section .bss.more, "aw", @nobits
.zero 1000
.section .writable_code, "awx", @progbits
.zero 10
.section .debug_made_up, "", @progbits
.zero 10000
`;
    const path = bench.make('assembly.o', { name: 'assembly.s', text }, 'gcc', '-c');
    agrees(path);
    const symbols = new Map(readObject(bench.read(path)).symbols.map((symbol) => [symbol.name, symbol]));
    assert.equal(symbols.get('unique')?.binding, 'unique');
    assert.equal(symbols.get('resolver')?.kind, 'ifunc');
    assert.equal(symbols.get('block')?.common, true);
    assert.equal(symbols.get('block')?.size, 64);
    assert.equal(symbols.get('absolute')?.section, undefined);
    assert.equal(symbols.get('absolute')?.defined, true);
  });

  it('on a partial link', () => {
    const object = bench.make('base.o', everyKind, 'gcc', '-c', '-O2', '-fPIC');
    agrees(bench.make('partial.o', undefined, 'ld', '-r', object));
  });

  const program = {
    name: 'program.c',
    text: `int value = 1;
__attribute__((visibility("hidden"))) int out_of_reach = 2;
void _start(void) { value = out_of_reach; for (;;); }
`,
  };

  it('on an executable, whose hidden symbols are out of reach', () => {
    const path = bench.make('program', program, 'gcc', '-O1', '-static', '-nostdlib');
    const object = readObject(bench.read(path));
    assert.equal(object.type, 'executable');
    const reachable = nm(path, /^[A-Z]$/, '--extern-only').filter((name) => name !== 'out_of_reach');
    assert.deepEqual(definedSymbols(object), reachable);
  });

  it('on a shared object, with and without its symbol table', () => {
    agrees(bench.make('library.so', program, 'gcc', '-shared', '-fPIC', '-nostdlib'));
    const path = bench.make('stripped.so', program, 'gcc', '-shared', '-fPIC', '-nostdlib', '-s');
    const object = readObject(bench.read(path));
    assert.equal(object.type, 'shared');
    assert.deepEqual(definedSymbols(object), nm(path, /^[A-Z]$/, '--dynamic', '--defined-only'));
    assert.ok(definedSymbols(object).includes('value'));
  });

  it('on more sections than the header can count', () => {
    const count = 66_000;
    const text = Array.from(
      { length: count },
      (_, index) => `.section .s${index},"a"\n.globl g${index}\ng${index}: .byte 1\n`,
    );
    const path = bench.make('many.o', { name: 'many.s', text: text.join('') }, 'gcc', '-c');
    const object = readObject(bench.read(path));
    assert.ok(object.sections.length > count);
    assert.equal(object.sizes.text, count);
    const last = object.symbols.find(({ name }) => name === `g${count - 1}`);
    assert.equal(last?.section, `.s${count - 1}`);
    assert.equal(definedSymbols(object).length, count);
  });
});
