/** Bytes of sections in the image: object path -> section name -> bytes. */
export type LinkMap = ReadonlyMap<string, ReadonlyMap<string, number>>;

/**
 * Reads the sections that a linker kept from its map. One format is known, that of GNU ld, and is
 * told by its text, not by the framework: of any other map it is undefined, and sizes are those of the objects.
 */
export function readLinkMap(text: string): LinkMap | undefined {
  const start = text.indexOf('\nLinker script and memory map\n');
  if (start === -1) return undefined;
  const objects = new Map<string, Map<string, number>>();
  // " .text.main   0x101000   0x2a /path/a.o"; a long name stands on a line of its own.
  const line = /^ ([^\s*][^\s]*)\s+0x([0-9a-f]+)\s+0x([0-9a-f]+) (\/.+)$/gm;
  const joined = text.slice(start).replaceAll(/^( [^\s*][^\s]*)\n\s+(?=0x)/gm, '$1 ');
  for (const [, section = '', address = '', size = '', path = ''] of joined.matchAll(line)) {
    if (/^0+$/.test(address)) continue;
    const sections = objects.get(path) ?? new Map<string, number>();
    objects.set(path, sections.set(section, (sections.get(section) ?? 0) + Number.parseInt(size, 16)));
  }
  return objects;
}
