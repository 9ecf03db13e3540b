import { BunnyError } from 'bunny-libos-spec';
import {
  kinds,
  namesSection,
  type Relocatable,
  readRelocatable,
  type Section,
  StringTable,
  textAt,
  writeRelocatable,
} from './relocatable.js';

/** What debuggers read. */
const debugSection = /^\.(?:debug|zdebug|gnu\.debuglto_|stab|gdb_index)/;
/** Bytes of one symbol and of one relocation (ELF64), and numbers of sections that stand for something else. */
const sizes = { symbol: 24, rela: 24, rel: 16 };
const firstReserved = 0xff00;

/**
 * The same relocatable object (ELF64, little-endian) without what debuggers read, and without the symbols and groups that
 * go with it: two objects that differ in that alone, as by the directory that they were compiled in, become equal. It is
 * linked to the same bytes. `where` is for messages. Throws BUNNY_EIMPORT for what is no such object.
 */
export function withoutDebug(object: Buffer, where: string): Buffer {
  try {
    const parts = readRelocatable(object);
    // What is compiled further at the link goes with its debugging data.
    if (parts.sections.some(({ name }) => name.startsWith('.gnu.lto_'))) return object;
    const names = namesSection(parts);
    const dropped = droppedSections(parts);
    const numbers = renumbered(parts.sections.length, (index) => !dropped.has(index));
    const kept = parts.sections.filter((_, index) => !dropped.has(index));
    const symbols = dropSymbols(parts, dropped, numbers);
    for (const section of kept) rewrite(section, numbers, symbols);
    return writeRelocatable({ header: parts.header, sections: kept }, numbered(numbers, names));
  } catch (error) {
    throw new BunnyError(
      'BUNNY_EIMPORT',
      `this is not a 64-bit relocatable object: ${(error as Error).message}`,
      {
        where,
        hint: 'rebuild the tree',
        cause: error,
      },
    );
  }
}

function droppedSections({ sections }: Relocatable): Set<number> {
  const dropped = new Set<number>();
  sections.forEach(({ name }, index) => {
    if (debugSection.test(name)) dropped.add(index);
  });
  sections.forEach(({ type, info, content }, index) => {
    const isRelocations = type === kinds.rela || type === kinds.rel;
    if (isRelocations && dropped.has(info)) dropped.add(index);
    if (
      type === kinds.group &&
      membersOf(content).every((member) => dropped.has(member) || isRelocationOf(sections[member], dropped))
    )
      dropped.add(index);
  });
  return dropped;
}

function isRelocationOf(section: Section | undefined, dropped: ReadonlySet<number>): boolean {
  return section !== undefined && [kinds.rela, kinds.rel].includes(section.type) && dropped.has(section.info);
}

/** The sections of a group; its first word has flags. */
function membersOf(content: Buffer): number[] {
  return Array.from({ length: Math.floor(content.length / 4) - 1 }, (_, index) =>
    content.readUInt32LE(4 * index + 4),
  );
}

/** New numbers by the old ones; -1 for what goes. */
function renumbered(count: number, isKept: (index: number) => boolean): number[] {
  let next = 0;
  return Array.from({ length: count }, (_, index) => (isKept(index) ? next++ : -1));
}

function numbered(numbers: readonly number[], index: number): number {
  const number = numbers[index] ?? -1;
  if (number === -1) throw new RangeError('something refers to what debuggers read');
  return number;
}

/** Rewrites the table of symbols, and its names. Gives the new numbers of the symbols. */
function dropSymbols(
  { sections }: Relocatable,
  dropped: ReadonlySet<number>,
  numbers: readonly number[],
): number[] {
  const table = sections.find(({ type }) => type === kinds.symtab);
  if (table === undefined) return [];
  const names = sections[table.link];
  if (names?.type !== kinds.strtab) throw new RangeError('symbols have no names');
  const { content } = table;
  const count = Math.floor(content.length / sizes.symbol);
  const placeOf = (index: number) => content.readUInt16LE(index * sizes.symbol + 6);
  const order = renumbered(count, (index) => !dropped.has(placeOf(index)));
  const strings = new StringTable();
  const kept = Buffer.alloc(sizes.symbol * order.reduce((sum, number) => (number === -1 ? sum : sum + 1), 0));
  let local = 0;
  for (let index = 0; index < count; index++) {
    const number = order[index] ?? -1;
    if (number === -1) continue;
    if (index < table.info) local += 1;
    const at = number * sizes.symbol;
    content.copy(kept, at, index * sizes.symbol, (index + 1) * sizes.symbol);
    kept.writeUInt32LE(strings.add(textAt(names.content, kept.readUInt32LE(at))), at);
    const place = placeOf(index);
    if (place < firstReserved) kept.writeUInt16LE(numbered(numbers, place), at + 6);
  }
  table.info = local;
  table.content = kept;
  names.content = strings.bytes();
  return order;
}

/** Gives the numbers in a section that stays their new values. */
function rewrite(section: Section, numbers: readonly number[], symbols: readonly number[]): void {
  const { type, content } = section;
  if (section.link !== 0) section.link = numbered(numbers, section.link);
  if (type === kinds.rela || type === kinds.rel) {
    section.info = numbered(numbers, section.info);
    const size = type === kinds.rela ? sizes.rela : sizes.rel;
    section.content = Buffer.from(content);
    for (let at = 12; at < content.length; at += size)
      section.content.writeUInt32LE(numbered(symbols, content.readUInt32LE(at)), at);
  } else if (type === kinds.group) {
    section.info = numbered(symbols, section.info);
    const members = membersOf(content).filter((member) => numbers[member] !== -1);
    const words = [content.readUInt32LE(0), ...members.map((member) => numbered(numbers, member))];
    section.content = Buffer.alloc(4 * words.length);
    for (const [index, word] of words.entries()) section.content.writeUInt32LE(word, 4 * index);
  }
}
