/** Offsets in the headers of ELF64 objects (System V gABI, chapters 4 and 5). */
const fileHeader = { size: 64, sectionOffset: 40, sectionSize: 58, sectionCount: 60, names: 62 };
const at = { name: 0, type: 4, offset: 24, size: 32, link: 40, info: 44, align: 48 };
const headerSize = 64;

/** Kinds of sections. */
export const kinds = { symtab: 2, strtab: 3, rela: 4, nobits: 8, rel: 9, group: 17 };

/** A section, its numbers as they stand in the file. Its content is the file's: it is replaced, not written to. */
export class Section {
  readonly header: Buffer;
  readonly name: string;
  content: Buffer;

  constructor(header: Buffer, name: string, content: Buffer) {
    this.header = header;
    this.name = name;
    this.content = content;
  }

  get type(): number {
    return this.header.readUInt32LE(at.type);
  }

  /** The number of a related section: of a symbol table, its names. */
  get link(): number {
    return this.header.readUInt32LE(at.link);
  }
  set link(value: number) {
    this.header.writeUInt32LE(value, at.link);
  }

  /** Of relocations, the section that they are for; of a group, the symbol that names it; of symbols, how many are local. */
  get info(): number {
    return this.header.readUInt32LE(at.info);
  }
  set info(value: number) {
    this.header.writeUInt32LE(value, at.info);
  }
}

/** A relocatable object in parts: its header, and all sections from number 0 on. */
export interface Relocatable {
  header: Buffer;
  sections: Section[];
}

/** Reads an ELF64 little-endian object. Throws RangeError for anything else, and for one that is damaged. */
export function readRelocatable(object: Buffer): Relocatable {
  const header = Buffer.from(within(object, 0, fileHeader.size));
  if (header.toString('latin1', 0, 6) !== '\x7fELF\x02\x01' || header.readUInt16LE(16) !== 1)
    throw new RangeError('no relocatable object of 64 bits');
  const table = Number(header.readBigUInt64LE(fileHeader.sectionOffset));
  const count = header.readUInt16LE(fileHeader.sectionCount);
  if (header.readUInt16LE(fileHeader.sectionSize) !== headerSize || count === 0)
    throw new RangeError('no sections, or too many');
  const all = Buffer.from(within(object, table, count * headerSize));
  const headers = Array.from({ length: count }, (_, index) => within(all, index * headerSize, headerSize));
  const names = contentOf(object, headers[header.readUInt16LE(fileHeader.names)]);
  return {
    header,
    sections: headers.map(
      (one) => new Section(one, textAt(names, one.readUInt32LE(at.name)), contentOf(object, one)),
    ),
  };
}

/** Writes an object, with a table of the sections' names made anew. `names`: the number of the section that holds them. */
export function writeRelocatable({ header, sections }: Relocatable, names: number): Buffer {
  const table = new StringTable();
  for (const { header: one, name } of sections) one.writeUInt32LE(table.add(name), at.name);
  const holder = sections[names];
  if (holder !== undefined) holder.content = table.bytes();
  const parts: Buffer[] = [header];
  let size = fileHeader.size;
  const place = (content: Buffer, align: number): number => {
    const padding = (align - (size % align)) % align;
    parts.push(Buffer.alloc(padding), content);
    const offset = size + padding;
    size = offset + content.length;
    return offset;
  };
  for (const { header: one, content, type } of sections.slice(1)) {
    // A larger alignment than any page would make a file of nothing.
    const align = Math.min(Math.max(Number(one.readBigUInt64LE(at.align)), 1), 4096);
    one.writeBigUInt64LE(BigInt(place(content, align)), at.offset);
    if (type !== kinds.nobits) one.writeBigUInt64LE(BigInt(content.length), at.size);
  }
  const offset = place(Buffer.concat(sections.map((one) => one.header)), 8);
  header.writeBigUInt64LE(BigInt(offset), fileHeader.sectionOffset);
  header.writeUInt16LE(sections.length, fileHeader.sectionCount);
  header.writeUInt16LE(names, fileHeader.names);
  return Buffer.concat(parts);
}

/** The number of the section that holds the names of all. */
export function namesSection({ header }: Relocatable): number {
  return header.readUInt16LE(fileHeader.names);
}

/** Texts one after the other, each ended by a zero, the empty one first. */
export class StringTable {
  readonly #places = new Map<string, number>([['', 0]]);
  readonly #parts = ['\0'];
  #size = 1;

  /** The offset of a text, which is added where it is new. */
  add(text: string): number {
    const known = this.#places.get(text);
    if (known !== undefined) return known;
    const place = this.#size;
    this.#places.set(text, place);
    this.#parts.push(`${text}\0`);
    this.#size += text.length + 1;
    return place;
  }

  bytes(): Buffer {
    return Buffer.from(this.#parts.join(''), 'latin1');
  }
}

/** The text at an offset of a table of texts. */
export function textAt(table: Buffer, offset: number): string {
  const end = table.indexOf(0, offset);
  if (end === -1) throw new RangeError('a name has no end');
  return table.toString('latin1', offset, end);
}

function contentOf(object: Buffer, header: Buffer | undefined): Buffer {
  if (header === undefined) throw new RangeError('a section is missing');
  const type = header.readUInt32LE(at.type);
  if (type === kinds.nobits || type === 0) return Buffer.alloc(0);
  return within(object, Number(header.readBigUInt64LE(at.offset)), Number(header.readBigUInt64LE(at.size)));
}

function within(object: Buffer, offset: number, length: number): Buffer {
  if (offset + length > object.length) throw new RangeError('the file ends before');
  return object.subarray(offset, offset + length);
}
