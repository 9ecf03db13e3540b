import type { ElfObject, Sizes } from 'bunny-libos-elf';
import { byCodeUnit } from 'bunny-libos-spec';
import type { BuildPlan, LinkedObject } from '../plan/build-plan.js';
import type { ReadObject } from './checks.js';
import type { LinkMap } from './link-map.js';

/** Bytes that one part of an image brings to it. */
export interface SizeRow extends Sizes {
  /** A component, the app, or what was generated for the image. */
  kind: 'app' | 'component' | 'generated';
  name: string;
  /** Of a component. */
  version?: string | undefined;
}

/** What an image consists of, largest part first. */
export interface SizeReport {
  schema: 'https://bunny-libos.github.io/schema/size-report/v1';
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

/**
 * Sums the sizes of the objects of a plan by part, as the link map has them where there is one.
 */
export function sizeReport(
  plan: BuildPlan,
  image: number,
  map: LinkMap | undefined,
  objects: readonly ReadObject[],
): SizeReport {
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
    schema: 'https://bunny-libos.github.io/schema/size-report/v1',
    name: plan.name,
    arch: plan.arch,
    platform: plan.platform,
    image,
    measured: map === undefined ? 'objects' : 'linked',
    parts: [...rows.values()].sort((a, b) => total(b) - total(a) || byCodeUnit(a.name, b.name)),
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
    version: layer?.version,
    ...zero,
  };
}

/** The bytes of the object's sections that are in the map and in memory, by kind of section. */
function keptSizes(elf: ElfObject, kept: ReadonlyMap<string, number> | undefined): Sizes {
  const sizes = { text: 0, data: 0, bss: 0 };
  const kinds = new Map(elf.sections.map((section) => [section.name, kindOf(section)]));
  for (const [section, bytes] of kept ?? []) {
    // What the map alone knows are common symbols.
    const kind = kinds.has(section) ? kinds.get(section) : 'bss';
    if (kind !== undefined) sizes[kind] += bytes;
  }
  return sizes;
}

/** Undefined for what is not loaded: a map lists debug information with addresses of its own. */
function kindOf({ type, flags }: ElfObject['sections'][number]): keyof Sizes | undefined {
  if (!flags.alloc) return undefined;
  if (type === 'nobits') return 'bss';
  return flags.write ? 'data' : 'text';
}
