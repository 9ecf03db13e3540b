import { type ElfObject, readObject, type Sizes } from '@bunny/elf';
import type { BuildPlan, LinkedObject } from './build-plan.js';

/** Bytes that one part of an image brings to it. */
export interface SizeRow extends Sizes {
  /** A component, the app, or what was generated for the image. */
  kind: 'app' | 'component' | 'generated';
  name: string;
  /** Of a component. */
  version?: string;
}

/** What an image consists of, largest part first. */
export interface SizeReport {
  schema: 'https://bunny.dev/schema/size-report/v1';
  name: string;
  arch: string;
  platform: string;
  /** Bytes of the image file. */
  image: number;
  /**
   * `linked`: what the linker kept, by its map. `objects`: what the objects hold, where there is no map that can
   * be read; the linker may have left some of it out.
   */
  measured: 'linked' | 'objects';
  parts: readonly SizeRow[];
}

/** Bytes of sections in the image: object path -> section name -> bytes. */
export type LinkMap = ReadonlyMap<string, ReadonlyMap<string, number>>;

/**
 * Reads the sections that a linker kept from its map (GNU ld's format). Undefined where the text is no such map.
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

/**
 * Sums the sizes of the objects of a plan by part, as the link map has them where there is one.
 * `read` gives a file by its path inside the sandbox.
 */
export async function sizeReport(
  plan: BuildPlan,
  image: number,
  map: LinkMap | undefined,
  read: (path: string) => Promise<Uint8Array>,
): Promise<SizeReport> {
  const objects = await Promise.all(
    plan.objects.map(async (object) => ({ object, elf: readObject(await read(object.path)) })),
  );
  const rows = new Map<string, SizeRow>();
  for (const { object, elf } of objects) {
    const row = rowOf(plan, object);
    const key = `${row.kind} ${row.name}`;
    const sum = rows.get(key) ?? row;
    const sizes = map === undefined ? elf.sizes : keptSizes(elf, map.get(object.path));
    rows.set(key, {
      ...sum,
      text: sum.text + sizes.text,
      data: sum.data + sizes.data,
      bss: sum.bss + sizes.bss,
    });
  }
  const total = ({ text, data, bss }: SizeRow) => text + data + bss;
  return {
    schema: 'https://bunny.dev/schema/size-report/v1',
    name: plan.name,
    arch: plan.arch,
    platform: plan.platform,
    image,
    measured: map === undefined ? 'objects' : 'linked',
    parts: [...rows.values()].sort((a, b) => total(b) - total(a) || (a.name < b.name ? -1 : 1)),
  };
}

function rowOf(plan: BuildPlan, { owner }: LinkedObject): SizeRow {
  const zero = { text: 0, data: 0, bss: 0 };
  if ('app' in owner) return { kind: 'app', name: plan.name, ...zero };
  if ('generator' in owner) return { kind: 'generated', name: owner.generator, ...zero };
  const layer = plan.layers.find((each) => each.name === owner.component);
  return {
    kind: 'component',
    name: owner.component,
    ...(layer === undefined ? {} : { version: layer.version }),
    ...zero,
  };
}

/** The bytes of the object's sections that are in the map, by kind of section. */
function keptSizes(elf: ElfObject, kept: ReadonlyMap<string, number> | undefined): Sizes {
  const sizes = { text: 0, data: 0, bss: 0 };
  const kinds = new Map(
    elf.sections.map(({ name, type, flags }) => [
      name,
      type === 'nobits' ? ('bss' as const) : flags.write ? ('data' as const) : ('text' as const),
    ]),
  );
  for (const [section, bytes] of kept ?? []) sizes[kinds.get(section) ?? 'bss'] += bytes;
  return sizes;
}
