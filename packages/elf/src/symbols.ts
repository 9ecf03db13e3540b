import type { ByteView } from './byte-view.js';
import { groupSymbols } from './comdat-groups.js';
import { ElfError } from './errors.js';
import type { Header } from './header.js';
import { content, type PlacedSection } from './sections.js';
import { StringTable } from './string-table.js';

export type SymbolBinding = 'local' | 'global' | 'weak' | 'unique' | 'other';
export type SymbolKind =
  | 'notype'
  | 'object'
  | 'function'
  | 'section'
  | 'file'
  | 'common'
  | 'tls'
  | 'ifunc'
  | 'other';
export type SymbolVisibility = 'default' | 'internal' | 'hidden' | 'protected';

/** One symbol (System V gABI, chapter 4, "Symbol Table"). */
export interface ElfSymbol {
  name: string;
  binding: SymbolBinding;
  kind: SymbolKind;
  visibility: SymbolVisibility;
  /** The object holds it, as code, data, a constant or a common block. */
  defined: boolean;
  /** A tentative definition: the linker gives it room in .bss where no other object defines it. */
  common: boolean;
  /** Name of the section that holds it; undefined for undefined, common and absolute ones. */
  section?: string | undefined;
  /** Name of the COMDAT group that its section is in: of groups of one name, a link keeps just one. */
  group?: string | undefined;
  /** Bytes, where it is known. */
  size: number;
}

const bindings: Readonly<Record<number, SymbolBinding>> = {
  0: 'local',
  1: 'global',
  2: 'weak',
  10: 'unique',
};
const kinds: Readonly<Record<number, SymbolKind>> = {
  0: 'notype',
  1: 'object',
  2: 'function',
  3: 'section',
  4: 'file',
  5: 'common',
  6: 'tls',
  10: 'ifunc',
};
const visibilities = ['default', 'internal', 'hidden', 'protected'] as const;

const SHN_UNDEF = 0;
const SHN_LORESERVE = 0xff00;
const SHN_ABS = 0xfff1;
const SHN_COMMON = 0xfff2;
/** x86-64 psABI: a common block that may lie beyond 2 GiB. */
const SHN_X86_64_LCOMMON = 0xff02;
/** The index stands in a section of type symtab_shndx. */
const SHN_XINDEX = 0xffff;

/** Reads the symbol table, or the dynamic one of a stripped file; empty where there is none. Throws ElfError. */
export function readSymbols(
  view: ByteView,
  { bits }: Header,
  sections: readonly PlacedSection[],
): ElfSymbol[] {
  const index = [
    sections.findIndex(({ type }) => type === 'symtab'),
    sections.findIndex(({ type }) => type === 'dynsym'),
  ].find((found) => found >= 0);
  const table = index === undefined ? undefined : sections[index];
  if (table === undefined) return [];

  const entrySize = bits === 64 ? 24 : 16;
  if (table.entrySize !== entrySize)
    throw new ElfError(`symbols of ${table.entrySize} bytes, not ${entrySize}`);
  const strings = sections[table.link];
  if (strings?.type !== 'strtab') throw new ElfError('the symbol table has no table of names');
  const names = new StringTable(content(view, strings));
  const extended = sections.find(({ type, link }) => type === 'symtab_shndx' && link === index);

  content(view, table);
  const count = Math.floor(table.size / entrySize);
  const symbols: ElfSymbol[] = [];
  const indices: number[] = [];
  // The first entry is reserved: it stands for "no symbol".
  for (let number = 1; number < count; number++) {
    const at = table.offset + number * entrySize;
    const index = view.u16(at + (bits === 64 ? 6 : 14));
    const section = index === SHN_XINDEX ? extendedIndex(view, extended, number) : index;
    const place =
      index === SHN_XINDEX ? inSection(sections, section, number) : placeOf(sections, index, number);
    indices.push(place.section === undefined ? SHN_UNDEF : section);
    symbols.push(readSymbol(view, bits, at, names, place));
  }
  nameGroups(symbols, indices, groupSymbols(view, sections));
  return symbols;
}

function extendedIndex(view: ByteView, section: PlacedSection | undefined, number: number): number {
  if (section === undefined || number * 4 + 4 > section.size) {
    throw new ElfError(`symbol ${number} has no section index`);
  }
  return view.u32(section.offset + number * 4);
}

/** Notes the group of each symbol, where `indices` has the index of its section. Throws ElfError. */
function nameGroups(
  symbols: ElfSymbol[],
  indices: readonly number[],
  groups: ReadonlyMap<number, number>,
): void {
  symbols.forEach((symbol, position) => {
    const namer = groups.get(indices[position] ?? SHN_UNDEF);
    if (namer !== undefined) {
      const naming = symbols[namer - 1];
      if (naming === undefined) {
        throw new ElfError(`a section group is named by symbol ${namer}, which does not exist`);
      }
      // As linkers do: of a symbol that stands for a section, the name is that of the section.
      symbol.group = naming.name === '' ? (naming.section ?? '') : naming.name;
    } else {
      // What compilers made before there were groups: `.gnu.linkonce.t.name`.
      const name = /^\.gnu\.linkonce\.[^.]+\.(.+)$/.exec(symbol.section ?? '')?.[1];
      if (name !== undefined) symbol.group = name;
    }
  });
}

type Place = Pick<ElfSymbol, 'defined' | 'common' | 'section'>;

function placeOf(sections: readonly PlacedSection[], place: number, number: number): Place {
  if (place === SHN_UNDEF) return { defined: false, common: false };
  if (place === SHN_COMMON || place === SHN_X86_64_LCOMMON) return { defined: true, common: true };
  if (place === SHN_ABS) return { defined: true, common: false };
  if (place >= SHN_LORESERVE) throw new ElfError(`symbol ${number} has the unknown section index ${place}`);
  return inSection(sections, place, number);
}

function inSection(sections: readonly PlacedSection[], place: number, number: number): Place {
  const section = sections[place];
  if (section === undefined)
    throw new ElfError(`symbol ${number} is in section ${place}, which does not exist`);
  return { defined: true, common: false, section: section.name };
}

function readSymbol(view: ByteView, bits: 32 | 64, at: number, names: StringTable, place: Place): ElfSymbol {
  const info = view.u8(at + (bits === 64 ? 4 : 12));
  const other = view.u8(at + (bits === 64 ? 5 : 13));
  const size = bits === 64 ? view.u64(at + 16) : view.u32(at + 8);
  return {
    name: names.at(view.u32(at)),
    binding: bindings[info >> 4] ?? 'other',
    kind: kinds[info & 0xf] ?? 'other',
    visibility: visibilities[other & 3] ?? 'default',
    size,
    ...place,
  };
}
