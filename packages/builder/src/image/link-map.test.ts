import assert from 'node:assert/strict';
import { readLinkMap } from './link-map.js';

const map = `Discarded input sections

 .text.unused   0x0000000000000000       0x11 /work/app/a.o

Memory Configuration

Linker script and memory map

LOAD /work/app/a.o
 *(.text .text.*)
 .text.main     0x0000000000400000       0x2a /work/app/a.o
 .text.a_function_with_a_long_name
                0x0000000000400030       0x10 /closure/libc/objects/b.o
                0x0000000000400030                a_function_with_a_long_name
 .rodata        0x0000000000401000        0x4 /work/app/a.o
 *fill*         0x0000000000401004        0xc 
 .rodata        0x0000000000401010        0x6 /work/app/a.o
 .debug_info    0x0000000000000000      0x100 /work/app/a.o
 COMMON         0x0000000000402000       0x40 /work/app/a.o
`;

describe('readLinkMap', () => {
  it('sums what was linked, by object and section', () => {
    const read = readLinkMap(map);
    assert.deepEqual(
      [...(read ?? [])].map(([path, sections]) => [path, Object.fromEntries(sections)]),
      [
        ['/work/app/a.o', { '.text.main': 0x2a, '.rodata': 10, COMMON: 0x40 }],
        ['/closure/libc/objects/b.o', { '.text.a_function_with_a_long_name': 0x10 }],
      ],
    );
  });

  it('knows a map of another format as such', () => {
    assert.equal(
      readLinkMap('             VMA              LMA     Size Align Out     In      Symbol\n'),
      undefined,
    );
  });
});
