import {
  type CatalogEntry,
  type CatalogVariant,
  type CatalogVersion,
  type Condition,
  holds,
  type NameGroup,
  own,
  type Scalar,
  type Settings,
} from 'bunny-libos-spec';

/** What a version offers by name. */
export type ContentKind = 'headers' | 'symbols';

/** A version that offers a name, and under which conditions it does. */
export interface Definer {
  component: string;
  version: string;
  /** Over the settings of the closure; empty where they do not matter. */
  settings: Condition;
  /** Over the options of the component; empty where they do not matter. */
  options: Condition;
  /** Capabilities that the version provides. */
  provides: Readonly<Record<string, string>>;
}

/**
 * Name -> who offers it, by the newest version of each range of compatible versions; components in the order
 * given, newest versions first. With `settings`, only variants for them count. Pure.
 */
export function definersOf(
  entries: readonly CatalogEntry[],
  kind: ContentKind,
  names: Iterable<string>,
  settings?: Settings,
): Map<string, Definer[]> {
  const wanted = new Set(names);
  const found = new Map<string, Definer[]>();
  for (const { name: component, versions } of entries) {
    for (const version of versions) {
      for (const group of version.contents?.[kind] ?? []) {
        const definer = definerOf(component, version, group, settings);
        if (definer === undefined) continue;
        for (const name of group.names) {
          if (!wanted.has(name)) continue;
          const definers = found.get(name);
          if (definers === undefined) found.set(name, [definer]);
          else definers.push(definer);
        }
      }
    }
  }
  return found;
}

/** Every name that some component offers, each once. */
export function offeredNames(entries: readonly CatalogEntry[], kind: ContentKind): Set<string> {
  const groups = entries.flatMap(({ versions }) =>
    versions.flatMap(({ contents }) => (contents === undefined ? [] : contents[kind])),
  );
  return new Set(groups.flatMap(({ names }) => names));
}

/**
 * Components that a word is about: in their name, a capability, a header's path or the description, in this
 * order of preference; case does not count. Pure.
 */
export function entriesAbout(entries: readonly CatalogEntry[], word: string): CatalogEntry[] {
  const lower = word.toLowerCase();
  const has = (text: string | undefined) => text?.toLowerCase().includes(lower) ?? false;
  const rank = ({ name, description, versions }: CatalogEntry): number => {
    if (name === lower) return 0;
    if (has(name)) return 1;
    if (versions.some(({ provides }) => Object.keys(provides).some(has))) return 2;
    if (versions.some(({ contents }) => contents?.headers.some(({ names }) => names.some(has)))) return 3;
    return has(description) ? 4 : 5;
  };
  return entries
    .map((entry) => ({ entry, rank: rank(entry) }))
    .filter((each) => each.rank < 5)
    .sort((left, right) => left.rank - right.rank)
    .map(({ entry }) => entry);
}

/** `net 1.2.0`, `net 1.2.0 with ipv6=true`, `plat-qemu 1.0.0 for arch=amd64`. */
export function definerText({ component, version, settings, options }: Definer): string {
  const wordsOf = (condition: Condition) =>
    Object.entries(condition).map(([name, value]) => `${name}=${[value].flat().join('|')}`);
  const parts = [
    `${component} ${version}`,
    ...(Object.keys(settings).length === 0 ? [] : [`for ${wordsOf(settings).join(', ')}`]),
    ...(Object.keys(options).length === 0 ? [] : [`with ${wordsOf(options).join(', ')}`]),
  ];
  return parts.join(' ');
}

/** What to write under `dependencies`: `net: ^1.2.0`, `net: { version: ^1.2.0, options: { ipv6: true } }`. */
export function requirementText({ component, version, options }: Definer): string {
  const wanted = Object.entries(options).map(([name, value]) => `${name}: ${[value].flat()[0]}`);
  if (wanted.length === 0) return `${component}: ^${version}`;
  return `${component}: { version: ^${version}, options: { ${wanted.join(', ')} } }`;
}

function definerOf(
  component: string,
  { version, variants, provides }: CatalogVersion,
  group: NameGroup,
  settings: Settings | undefined,
): Definer | undefined {
  const fits = (variant: CatalogVariant) => settings === undefined || isFor(variant, settings);
  const all = variants.filter(fits);
  const having = variants.filter((each, index) => fits(each) && (group.variants?.includes(index) ?? true));
  if (having.length === 0) return undefined;
  const conditions = {
    settings: distinction(all.map(settingsOf), having.map(settingsOf)),
    options: distinction(all.map(optionsOf), having.map(optionsOf)),
  };
  // Where one sort of facts tells the variants apart by itself, the other one is an accident of the matrix.
  if (tells(conditions.options, all, having, optionsOf)) conditions.settings = {};
  else if (tells(conditions.settings, all, having, settingsOf)) conditions.options = {};
  return { component, version, provides, ...conditions };
}

/** True where a variant can be part of a closure with these settings. */
function isFor(variant: CatalogVariant, settings: Settings): boolean {
  return Object.entries(variant.settings).every(
    ([name, value]) => !Object.hasOwn(settings, name) || settings[name] === value,
  );
}

type Facts = Readonly<Record<string, Scalar>>;
const settingsOf = ({ settings }: CatalogVariant): Facts => settings;
const optionsOf = ({ options }: CatalogVariant): Facts => options;

function tells(
  condition: Condition,
  all: readonly CatalogVariant[],
  having: readonly CatalogVariant[],
  factsOf: (variant: CatalogVariant) => Facts,
): boolean {
  if (having.length === all.length) return true;
  if (Object.keys(condition).length === 0) return false;
  return all.every((variant) => holds(condition, factsOf(variant)) === having.includes(variant));
}

/** What the facts of some have in common that others lack: one fact that tells them apart, else all there are. */
function distinction(all: readonly Facts[], some: readonly Facts[]): Condition {
  const others = all.filter((each) => !some.includes(each));
  const names = new Set(all.flatMap((facts) => Object.keys(facts)));
  const partial: [string, Scalar | readonly Scalar[]][] = [];
  for (const name of [...names].sort()) {
    const inside = valuesOf(some, name);
    const outside = valuesOf(others, name);
    const condition: [string, Scalar | readonly Scalar[]] = [
      name,
      inside.length === 1 ? (inside[0] ?? '') : inside,
    ];
    if (others.length > 0 && inside.every((value) => !outside.includes(value))) {
      return Object.fromEntries([condition]);
    }
    if (outside.some((value) => !inside.includes(value))) partial.push(condition);
  }
  return Object.fromEntries(partial);
}

function valuesOf(list: readonly Facts[], name: string): Scalar[] {
  const values = list.flatMap((facts) => {
    const value = own(facts, name);
    return value === undefined ? [] : [value];
  });
  return [...new Set(values)];
}
