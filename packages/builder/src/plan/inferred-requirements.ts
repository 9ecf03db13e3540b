import {
  type ContentKind,
  type Definer,
  definersOf,
  definerText,
  newestFirst,
  offeredNames,
  requirementText,
} from 'bunny-libos-namespace';
import {
  byText,
  type CatalogEntry,
  type Condition,
  nearest,
  type Settings,
  type ToolingRules,
} from 'bunny-libos-spec';

/** A name that the app uses on one target: a header that it includes, or a symbol. */
export interface Evidence {
  kind: ContentKind;
  name: string;
  /** Of the closure. */
  settings: Settings;
  /** Components of the closure that have it though nobody asks for them by name. */
  presentIn?: readonly string[] | undefined;
}

/** A dependency that evidence asks for. */
export interface InferredRequirement {
  /** Component or capability. */
  name: string;
  /** A caret range. */
  version: string;
  headers: readonly string[];
  symbols: readonly string[];
}

/** Evidence that does not tell what to depend on. */
export interface OpenQuestion {
  kind: ContentKind;
  name: string;
  /** What would do, each on its own: `net 1.2.0 with ipv6=true`. Empty: nothing published has it. */
  choices: readonly string[];
  /** Names that are like it. */
  near: readonly string[];
}

export interface InferredRequirements {
  /** Sorted by name. */
  requirements: readonly InferredRequirement[];
  open: readonly OpenQuestion[];
}

export interface Knowledge {
  entries: readonly CatalogEntry[];
  capabilities: ToolingRules['capabilities'];
  /** Components and capabilities that the user asks for already. */
  explicit: ReadonlySet<string>;
  /** Providers that the user chose. */
  chosen: ReadonlySet<string>;
}

/**
 * Tells which components and capabilities the evidence asks for. A name that every published provider of a
 * capability has belongs to the capability; any other to the one component that has it. Where several have
 * it, one that is asked for anyway is meant, else the question stays open: nothing is guessed. Pure.
 */
export function inferRequirements(evidence: readonly Evidence[], knowledge: Knowledge): InferredRequirements {
  const found = evidence.map((each) => ({ each, definers: definersFor(each, knowledge) }));
  const choices = found.map((item) => ({ ...item, names: choicesOf(item.each, item.definers, knowledge) }));
  const certain = new Set([
    ...knowledge.explicit,
    ...knowledge.chosen,
    ...choices.flatMap(({ names }) => (names.length === 1 ? names : [])),
  ]);
  const assigned = new Map<string, Evidence[]>();
  const open: OpenQuestion[] = [];
  for (const { each, names } of choices) {
    const isPresent = (choice: string) =>
      each.presentIn?.some((component) => meets(component, choice, knowledge.entries)) ?? false;
    const name =
      names.length === 1 ? names[0] : names.find((choice) => certain.has(choice) || isPresent(choice));
    if (name === undefined) open.push(questionOf(each, knowledge.entries));
    else assigned.set(name, [...(assigned.get(name) ?? []), each]);
  }
  const requirements: InferredRequirement[] = [];
  for (const [name, uses] of [...assigned].sort(byText(([name]) => name))) {
    if (knowledge.explicit.has(name)) continue;
    const version = versionFor(name, uses, knowledge);
    if (version === undefined) {
      for (const use of uses) open.push(questionOf(use, knowledge.entries));
      continue;
    }
    requirements.push({
      name,
      version: `^${version}`,
      headers: namesOf(uses, 'headers'),
      symbols: namesOf(uses, 'symbols'),
    });
  }
  return { requirements, open: distinct(open) };
}

/** A dependency by which a name would be there. */
export interface DefiningRequirement {
  /** Component or capability. */
  name: string;
  /** A version that has the name: the newest of those compatible with it. */
  version: string;
  /** Which it takes, of a component. */
  options: Condition;
  /** What to write under `dependencies`: `alloc: ^1.0.0`. */
  text: string;
}

/**
 * The dependencies by which a name would be there, each on its own: the capability for what every provider of it has
 * without further ado, else the components that have it, with the options that it takes. Pure.
 */
export function requirementsFor(each: Evidence, knowledge: Knowledge): DefiningRequirement[] {
  const definers = definersFor(each, knowledge);
  const always = definers.filter(({ options }) => Object.keys(options).length === 0);
  const capabilities = choicesOf(each, always, knowledge).flatMap((name) => {
    const isCapability = Object.hasOwn(knowledge.capabilities, name);
    const version = isCapability ? versionFor(name, [each], knowledge) : undefined;
    return version === undefined ? [] : [{ name, version }];
  });
  const others = definers.filter(
    ({ provides }) => !capabilities.some(({ name }) => Object.hasOwn(provides, name)),
  );
  const requirements = [
    ...capabilities.map(({ name, version }) => ({
      name,
      version,
      options: {},
      text: `${name}: ^${version}`,
    })),
    ...others.map((definer) => ({
      name: definer.component,
      version: definer.version,
      options: definer.options,
      text: requirementText(definer),
    })),
  ];
  return [...new Map(requirements.map((requirement) => [requirement.text, requirement])).values()];
}

/** Whether a component is what a requirement asks for: by name, or as a provider of the capability. */
export function meets(component: string, requirement: string, entries: readonly CatalogEntry[]): boolean {
  if (component === requirement) return true;
  const entry = entries.find(({ name }) => name === component);
  return entry?.versions.some(({ provides }) => Object.hasOwn(provides, requirement)) ?? false;
}

function definersFor({ kind, name, settings }: Evidence, { entries }: Knowledge): Definer[] {
  return definersOf(entries, kind, [name], settings).get(name) ?? [];
}

/** Capabilities and components that would do, each on its own. */
function choicesOf({ settings }: Evidence, definers: readonly Definer[], knowledge: Knowledge): string[] {
  const components = new Set(definers.map(({ component }) => component));
  const names: string[] = [];
  for (const capability of Object.keys(knowledge.capabilities).sort()) {
    const providers = providersOf(capability, settings, knowledge.entries);
    if (providers.length === 0 || !providers.every((provider) => components.has(provider))) continue;
    // A provider that the user asks for by its name is not asked for a second time.
    const chosen = providers.find((provider) => knowledge.explicit.has(provider));
    names.push(chosen ?? capability);
    for (const provider of providers) components.delete(provider);
  }
  return [...names, ...components];
}

/** Components that provide a capability for these settings, by their newest versions. */
function providersOf(capability: string, settings: Settings, entries: readonly CatalogEntry[]): string[] {
  return entries
    .filter(({ versions }) =>
      versions.some(
        ({ contents, provides, variants }) =>
          contents !== undefined &&
          Object.hasOwn(provides, capability) &&
          variants.some((variant) =>
            Object.entries(variant.settings).every(
              ([name, value]) => !Object.hasOwn(settings, name) || settings[name] === value,
            ),
          ),
      ),
    )
    .map(({ name }) => name);
}

/** The newest version that has all that is used: of a component, or of a capability by any of its providers. */
function versionFor(name: string, uses: readonly Evidence[], knowledge: Knowledge): string | undefined {
  const isComponent = knowledge.entries.some((entry) => entry.name === name);
  if (isComponent) return newest(componentVersions(name, uses, knowledge).map(({ version }) => version));
  const settings = uses[0]?.settings ?? {};
  const offered = providersOf(name, settings, knowledge.entries).map((provider) => {
    const versions = componentVersions(provider, uses, knowledge);
    return newest(versions.flatMap(({ provides }) => provides[name] ?? []));
  });
  // The lowest, so that each of them will do.
  const known = offered.filter((version) => version !== undefined);
  return newestFirst(known).at(-1);
}

function componentVersions(component: string, uses: readonly Evidence[], knowledge: Knowledge): Definer[] {
  const [first, ...others] = uses.map((use) =>
    definersFor(use, knowledge).filter((definer) => definer.component === component),
  );
  return (first ?? []).filter(({ version }) =>
    others.every((definers) => definers.some((definer) => definer.version === version)),
  );
}

function newest(versions: readonly string[]): string | undefined {
  return newestFirst(versions)[0];
}

/** What is to be asked about a name: who would have it, else what is like it. */
export function questionOf(evidence: Evidence, entries: readonly CatalogEntry[]): OpenQuestion {
  const { kind, name, settings } = evidence;
  const definers = definersOf(entries, kind, [name], settings).get(name) ?? [];
  const near = definers.length > 0 ? [] : nearest(name, offeredNames(entries, kind));
  return { kind, name, choices: [...new Set(definers.map(definerText))], near };
}

function namesOf(uses: readonly Evidence[], kind: ContentKind): string[] {
  return [...new Set(uses.filter((use) => use.kind === kind).map(({ name }) => name))].sort();
}

function distinct(questions: readonly OpenQuestion[]): OpenQuestion[] {
  return [...new Map(questions.map((each) => [`${each.kind} ${each.name}`, each])).values()];
}
