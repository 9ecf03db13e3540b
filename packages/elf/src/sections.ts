import type { ByteView } from './byte-view.js';
import { ElfError } from './errors.js';
import type { Header } from './header.js';
import { StringTable } from './string-table.js';

/** One section (System V gABI, chapter 4, "Sections"). */
export interface ElfSection {
  name: string;
  /** Bytes: in the file, or in memory only for `nobits`. */
  size: number;
  /** Kind of content: `progbits`, `nobits`, `symtab`, …, or the number in hexadecimal for others. */
  type: string;
  flags: { alloc: boolean; write: boolean; exec: boolean };
}

/** A section with where its content is. */
export interface PlacedSection extends ElfSection {
  offset: number;
  /** The index of a related section: of a symbol table, its string table. */
  link: number;
  /** A number of the section's kind: of a group, the symbol that names it. */
  info: number;
  entrySize: number;
}

/** Bytes that an object brings to an image, as `size` of binutils divides them. */
export interface Sizes {
  /** Code and constants. */
  text: number;
  /** Initialised variables. */
  data: number;
  /** Zeroed variables. */
  bss: number;
}

const types: Readonly<Record<number, string>> = {
  0: 'null',
  1: 'progbits',
  2: 'symtab',
  3: 'strtab',
  4: 'rela',
  5: 'hash',
  6: 'dynamic',
  7: 'note',
  8: 'nobits',
  9: 'rel',
  11: 'dynsym',
  14: 'init_array',
  15: 'fini_array',
  16: 'preinit_array',
  17: 'group',
  18: 'symtab_shndx',
};

const SHF_WRITE = 0x1;
const SHF_ALLOC = 0x2;
const SHF_EXECINSTR = 0x4;

/** Reads all section headers. Throws ElfError. */
export function readSections(view: ByteView, { bits, sectionHeaders }: Header): PlacedSection[] {
  const { offset, entrySize, count, names } = sectionHeaders;
  const headers = Array.from({ length: count }, (_, index) =>
    readSection(view, bits, offset + index * entrySize),
  );
  const table = names === 0 ? undefined : headers[names];
  if (names !== 0 && table?.type !== 'strtab') {
    throw new ElfError(`section ${names} should hold the names of the sections, and does not`);
  }
  const strings = new StringTable(table === undefined ? new Uint8Array(1) : content(view, table));
  return headers.map(({ nameOffset, ...section }) => ({
    name: table ? strings.at(nameOffset) : '',
    ...section,
  }));
}

/** The bytes of a section in the file. Throws ElfError where the file ends before. */
export function content(
  view: ByteView,
  section: Pick<PlacedSection, 'type' | 'offset' | 'size'>,
): Uint8Array {
  if (section.type === 'nobits' || section.type === 'null') return new Uint8Array(0);
  return view.range(section.offset, section.size);
}

function readSection(
  view: ByteView,
  bits: 32 | 64,
  at: number,
): Omit<PlacedSection, 'name'> & { nameOffset: number } {
  const type = view.u32(at + 4);
  // The low half of the flags holds all that are read here, whatever a processor puts into the high one.
  const flags = view.u32(at + 8);
  const word = (index32: number, index64: number) =>
    bits === 64 ? view.u64(at + index64) : view.u32(at + index32);
  return {
    nameOffset: view.u32(at),
    type: types[type] ?? `0x${type.toString(16)}`,
    flags: {
      alloc: (flags & SHF_ALLOC) !== 0,
      write: (flags & SHF_WRITE) !== 0,
      exec: (flags & SHF_EXECINSTR) !== 0,
    },
    offset: word(16, 24),
    size: word(20, 32),
    link: view.u32(at + (bits === 64 ? 40 : 24)),
    info: view.u32(at + (bits === 64 ? 44 : 28)),
    entrySize: word(36, 56),
  };
}

/** Sums the sections that reach the image. Throws ElfError where the sum is beyond 2^53. */
export function sumSizes(sections: readonly ElfSection[], commonBytes: number): Sizes {
  const sizes: Sizes = { text: 0, data: 0, bss: commonBytes };
  for (const { type, size, flags } of sections) {
    if (!flags.alloc) continue;
    if (flags.exec || !flags.write) sizes.text += size;
    else if (type === 'nobits') sizes.bss += size;
    else sizes.data += size;
  }
  if (!Object.values(sizes).every(Number.isSafeInteger))
    throw new ElfError('the sections are larger than any memory');
  return sizes;
}
