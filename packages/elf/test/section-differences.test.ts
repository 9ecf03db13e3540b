import assert from 'node:assert/strict';
import { everyKind, Workbench } from 'bunny-libos-testing/objects/compiled.js';
import { ElfError } from '../src/errors.js';
import { differentSections } from '../src/section-differences.js';

describe('differentSections', () => {
  const bench = new Workbench();
  after(() => bench.remove());

  const compiled = (name: string, text: string) =>
    bench.read(bench.make(name, { name: 'source.c', text }, 'gcc', '-c', '-O1', '-m64', '-fno-pic'));

  it('names the sections whose content differs, and those that one file lacks', () => {
    const first = compiled('first.o', 'const int a = 1; int b = 2; int f(void) { return 3; }\n');
    assert.deepEqual(differentSections(first, Uint8Array.from(first)), []);
    const other = compiled('other.o', 'const int a = 1; int b = 4; int f(void) { return 5; }\n');
    assert.deepEqual(differentSections(first, other), ['.data', '.text']);
    const more = compiled('more.o', 'const int a = 1; int b = 2; int c; int f(void) { return 3; }\n');
    const named = differentSections(first, more);
    assert.ok(
      named.includes('.bss') && named.includes('.symtab') && !named.includes('.rodata'),
      named.join(),
    );
  });

  it('refuses what is no ELF file, and sections that overlap', () => {
    const object = bench.read(bench.make('every.o', everyKind, 'gcc', '-c', '-m64'));
    assert.throws(() => differentSections(object, Buffer.from('text')), ElfError);
    // Each header says that its section is the whole file.
    const hostile = Uint8Array.from(object);
    const view = new DataView(hostile.buffer);
    const headers = Number(view.getBigUint64(0x28, true));
    for (let index = 1; index < view.getUint16(0x3c, true); index += 1) {
      const at = headers + index * 64;
      if (index === view.getUint16(0x3e, true)) continue;
      view.setBigUint64(at + 24, 0n, true);
      view.setBigUint64(at + 32, BigInt(hostile.length), true);
    }
    assert.throws(() => differentSections(hostile, hostile), /larger than the file/);
  });
});
