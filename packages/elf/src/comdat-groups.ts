import type { ByteView } from './byte-view.js';
import { ElfError } from './errors.js';
import { content, type PlacedSection } from './sections.js';

/** The group is one of several equal ones in a link. */
const GRP_COMDAT = 1;

/**
 * The sections that are in a COMDAT group, and the number of the symbol that names it (System V gABI, chapter 4,
 * "Section Groups"): section index -> symbol number. Throws ElfError where a section is in two groups.
 */
export function groupSymbols(
  view: ByteView,
  sections: readonly PlacedSection[],
): ReadonlyMap<number, number> {
  const names = new Map<number, number>();
  for (const section of sections) {
    if (section.type !== 'group') continue;
    const words = Math.floor(content(view, section).length / 4);
    if (words === 0 || (view.u32(section.offset) & GRP_COMDAT) === 0) continue;
    for (let word = 1; word < words; word++) {
      const member = view.u32(section.offset + word * 4);
      if (names.has(member)) throw new ElfError(`section ${member} is in two groups`);
      if (sections[member] === undefined)
        throw new ElfError(`section ${member}, which is in a group, does not exist`);
      names.set(member, section.info);
    }
  }
  return names;
}
