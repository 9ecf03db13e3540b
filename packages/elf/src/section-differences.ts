import { ByteView } from './byte-view.js';
import { ElfError } from './errors.js';
import { readHeader } from './header.js';
import { content, readSections } from './sections.js';

/**
 * Names of the sections in which two ELF files differ, sorted: in content, kind, flags or size, or as only one has them. Empty
 * where what differs is in no section. Throws ElfError for what is no ELF file, and where sections overlap.
 */
export function differentSections(left: Uint8Array, right: Uint8Array): string[] {
  const [ofLeft, ofRight] = [sectionsOf(left), sectionsOf(right)];
  const names = new Set([...ofLeft.keys(), ...ofRight.keys()]);
  return [...names].filter((name) => !same(ofLeft.get(name), ofRight.get(name))).sort();
}

interface Section {
  facts: string;
  bytes: Uint8Array;
}

/** Several may have one name: they are compared in their order. */
function sectionsOf(file: Uint8Array): Map<string, Section[]> {
  const view = new ByteView(file);
  const found = new Map<string, Section[]>();
  let total = 0;
  for (const section of readSections(view, readHeader(view))) {
    const bytes = content(view, section);
    total += bytes.length;
    // What overlaps would be compared many times over.
    if (total > file.length) throw new ElfError('the sections are larger than the file');
    const facts = JSON.stringify([section.type, section.flags, section.size, section.link, section.info]);
    const others = found.get(section.name);
    if (others === undefined) found.set(section.name, [{ facts, bytes }]);
    else others.push({ facts, bytes });
  }
  return found;
}

function same(left: readonly Section[] = [], right: readonly Section[] = []): boolean {
  return (
    left.length === right.length &&
    left.every(({ facts, bytes }, index) => {
      const other = right[index];
      return other !== undefined && other.facts === facts && Buffer.compare(other.bytes, bytes) === 0;
    })
  );
}
