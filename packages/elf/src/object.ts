import { ByteView } from './byte-view.js';
import { ElfError } from './errors.js';
import { type ObjectType, readHeader } from './header.js';
import { type ElfSection, readSections, type Sizes, sumSizes } from './sections.js';
import { type ElfSymbol, readSymbols } from './symbols.js';

/** What a file says about itself. */
export interface ElfObject {
  /** Width of addresses. */
  bits: 32 | 64;
  /** The OCI name of the architecture: `amd64`, `arm64`, `riscv64`, … */
  machine: string;
  type: ObjectType;
  /** In the order of the file, from index 1 on. */
  sections: readonly ElfSection[];
  /** In the order of the file, without the reserved first one. */
  symbols: readonly ElfSymbol[];
  /** Bytes that reach the image. Common symbols count as bss. */
  sizes: Sizes;
}

/**
 * Reads a relocatable object or an executable: ELF, 32 or 64 bits, little-endian.
 * The bytes may be hostile: any damage that matters to the result ends in an ElfError, and time and memory
 * are bounded by the size of the file.
 */
export function readObject(bytes: Uint8Array): ElfObject {
  const view = new ByteView(bytes);
  const header = readHeader(view);
  const sections = readSections(view, header);
  const symbols = readSymbols(view, header, sections);
  let commonBytes = 0;
  for (const { common, size } of symbols) if (common) commonBytes += size;
  if (!Number.isSafeInteger(commonBytes)) throw new ElfError('the common symbols are larger than any memory');
  return {
    bits: header.bits,
    machine: header.machine,
    type: header.type,
    sections: sections.slice(1).map(({ name, size, type, flags }) => ({ name, size, type, flags })),
    symbols,
    sizes: sumSizes(sections, commonBytes),
  };
}
