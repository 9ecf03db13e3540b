import { ByteView } from './byte-view.js';
import { ElfError } from './errors.js';

export type ObjectType = 'relocatable' | 'executable' | 'shared' | 'core';

/** What a file is made for. */
export interface FileKind {
  /** 32 or 64: how wide addresses and sizes are in the file. */
  bits: 32 | 64;
  type: ObjectType;
  /** The OCI name of the architecture. */
  machine: string;
}

/** What the ELF header says (System V gABI, chapter 4, "ELF Header"). */
export interface Header extends FileKind {
  /** Offset, entry size and number of the section headers, and the index of the table of their names. */
  sectionHeaders: { offset: number; entrySize: number; count: number; names: number };
}

const types: Readonly<Record<number, ObjectType>> = {
  1: 'relocatable',
  2: 'executable',
  3: 'shared',
  4: 'core',
};

const machines: Readonly<Record<number, { 32?: string; 64?: string }>> = {
  3: { 32: '386' },
  40: { 32: 'arm' },
  62: { 32: 'amd64', 64: 'amd64' },
  183: { 64: 'arm64' },
  243: { 32: 'riscv32', 64: 'riscv64' },
};

/** The names that `readObject` may give a machine. */
export const machineNames: ReadonlySet<string> = new Set(Object.values(machines).flatMap(Object.values));

/** `\x7fELF`, little-endian. */
const elfMagic = 0x464c457f;

/** e_shstrndx is too small for the index: it stands in the first section header. */
const SHN_XINDEX = 0xffff;

/** Reads the ELF header. Throws ElfError. */
export function readHeader(view: ByteView): Header {
  refuseOtherFormats(view);
  const kind = readKind(view);
  return { ...kind, sectionHeaders: sectionHeaders(view, kind.bits) };
}

/** Reads what an ELF file is made for; its first 64 bytes will do. Undefined for any other file. Throws ElfError. */
export function fileKind(bytes: Uint8Array): FileKind | undefined {
  const view = new ByteView(bytes);
  return view.length >= 4 && view.u32(0) === elfMagic ? readKind(view) : undefined;
}

function readKind(view: ByteView): FileKind {
  const bits = { 1: 32, 2: 64 }[view.u8(4)] as 32 | 64 | undefined;
  if (bits === undefined) throw new ElfError(`ELF class ${view.u8(4)} does not exist`);
  if (view.u8(5) !== 1) {
    throw new ElfError('the object is not little-endian', {
      hint: 'compile for amd64, arm64 or riscv64',
    });
  }
  const type = types[view.u16(16)];
  if (type === undefined) throw new ElfError(`ELF type ${view.u16(16)} is not known`);
  const machine = machines[view.u16(18)]?.[bits];
  if (machine === undefined) {
    throw new ElfError(`ELF machine ${view.u16(18)} with ${bits} bits is not known`, {
      hint: 'compile for amd64, arm64 or riscv64',
    });
  }
  return { bits, type, machine };
}

function refuseOtherFormats(view: ByteView): void {
  const magic = Buffer.from(view.range(0, Math.min(view.length, 8))).toString('latin1');
  if (magic.startsWith('\x7fELF')) return;
  if (magic === '!<arch>\n' || magic === '!<thin>\n') {
    throw new ElfError('this is an archive of objects', { hint: 'name its members: ar x, then *.o' });
  }
  if (magic.startsWith('BC\xc0\xde')) {
    throw new ElfError('this is LLVM bitcode', { hint: 'compile without -flto or -emit-llvm' });
  }
  throw new ElfError('this is not an ELF file');
}

function sectionHeaders(view: ByteView, bits: 32 | 64): Header['sectionHeaders'] {
  const offset = bits === 64 ? view.u64(40) : view.u32(32);
  const tail = bits === 64 ? 58 : 46;
  const entrySize = view.u16(tail);
  let count = view.u16(tail + 2);
  let names = view.u16(tail + 4);
  if (offset === 0) return { offset, entrySize, count: 0, names: 0 };
  const smallest = bits === 64 ? 64 : 40;
  if (entrySize < smallest) throw new ElfError(`section headers of ${entrySize} bytes are too small`);
  // More than 65,279 sections: the real numbers stand in the first section header.
  if (count === 0) count = bits === 64 ? view.u64(offset + 32) : view.u32(offset + 20);
  if (names === SHN_XINDEX) names = view.u32(offset + (bits === 64 ? 40 : 24));
  if (count * entrySize > view.length - offset)
    throw new ElfError(`there is no room for ${count} section headers`);
  return { offset, entrySize, count, names };
}
