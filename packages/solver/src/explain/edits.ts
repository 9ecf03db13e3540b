import minVersion from 'semver/ranges/min-version.js';
import type { Cause } from '../search/cause.js';
import type { ComponentPackage } from '../search/component-package.js';
import { compareText, type Parsed } from '../search/order.js';
import { own, type Request } from '../search/request.js';
import type { Condition, Requirement, Requirements, Root, Selected } from '../search/universe.js';
import { compareVersions, inRange, parseRange, parseVersion, unknownVersion } from '../search/version.js';
import type { Fact } from './core.js';
import { requestsIn } from './demands.js';
import { conditionsElsewhere } from './elsewhere.js';
import { nearest } from './nearest.js';
import { releasedIn } from './shortfall.js';
import { assignments, settingsText } from './words.js';

export type Closure = ReadonlyMap<string, Selected>;

/** What the user is told to do, and the same done. */
export interface Instruction {
  text: string;
  change: (root: Root) => Root;
}

/** A change of one line of the Bunnyfile. */
export interface Edit {
  change: (root: Root) => Root;
  /** The name that it is about: another edit about it would only undo this one. */
  name: string;
  /** True where the user has to do without something, or to take what is not finished and nothing asked for. */
  loses: boolean;
  /** True for a change that holds more than one: of no use where a smaller one of the same name is. */
  broad?: boolean | undefined;
  /** The instruction, given a closure that the change led to. It may ask for less than was tried. */
  instruct(closure: Closure): Instruction;
}

/** Changes that could get around the facts of a failure, those that cost the user least first. */
export function editsFor(root: Root, facts: readonly Fact[], names: readonly string[]): Edit[] {
  const causes = facts.map(({ cause }) => cause);
  const asked = new Map<string, Wish>();
  const constrained = new Map<string, Wish>();
  const capabilities = new Set<string>();
  for (const cause of causes) {
    if (cause.kind === 'constraint') constrained.set(cause.request.name, { request: cause.request, cause });
    for (const { asker, request } of requestsIn(cause)) {
      if (asker.kind === 'root') asked.set(request.name, { request, cause });
    }
    if ('capability' in cause) capabilities.add(cause.capability.name);
    if (cause.kind === 'capability') capabilities.add(cause.on.name);
  }
  const conditions = conditionsElsewhere(root, causes);
  const byName = (a: Wish, b: Wish) => compareText(a.request.name, b.request.name);
  const sorted = [...asked.values()].sort(byName);
  return [
    ...sorted.flatMap(({ request, cause }) => (isUnknown(cause) ? renames(root, request, names) : [])),
    ...causes.flatMap((cause) =>
      cause.kind === 'ambiguous' ? cause.providers.map((each) => choose(cause.capability.name, each)) : [],
    ),
    ...[...capabilities].sort(compareText).flatMap((capability) => unchoose(root, capability)),
    ...sorted.flatMap((wish) => (isUnknown(wish.cause) ? [] : relaxations(wish, 'requirements'))),
    ...[...constrained.values()].sort(byName).flatMap((wish) => relaxations(wish, 'constraints')),
    ...sorted.flatMap(({ request }) => limits(request, conditions)),
    ...sorted.map(({ request }) => remove(request.name)),
  ];
}

/** What the root asks for, and the fact that says so. */
interface Wish {
  request: Request;
  cause: Cause;
}

function isUnknown(cause: Cause): boolean {
  return cause.kind === 'component' && !cause.on.listing;
}

function renames(root: Root, { name, requirement }: Request, names: readonly string[]): Edit[] {
  return nearest(name, names)
    .filter((meant) => own(root.requirements, meant) === undefined)
    .map((meant) => {
      const change = (changed: Root) =>
        withRequirements(changed, { ...without(changed.requirements, name), [meant]: requirement });
      return exactly(name, change, `ask for ${meant} instead of ${name}`);
    });
}

/** An edit that is told as it is tried. */
function exactly(name: string, change: Instruction['change'], text: string): Edit {
  return { name, change, loses: false, instruct: () => ({ text, change }) };
}

/** Other versions, pre-releases, other options, or all of that. */
function relaxations(
  { request: { name, requirement }, cause }: Wish,
  of: 'requirements' | 'constraints',
): Edit[] {
  const { version, options, ...rest } = requirement;
  const become = (changed: Requirement) => (root: Root) => ({
    ...root,
    [of]: { ...root[of], [name]: changed },
  });
  /** Tries a range, and tells of the one version that came of it. */
  const ask = (range: string, kept: Omit<Requirement, 'version'>, text: string): Edit => ({
    name,
    change: become({ ...kept, version: range }),
    loses: false,
    instruct: (closure) => {
      const other = `^${versionOf(name, cause, closure)}`;
      return {
        text: `ask for ${name} ${other} instead of ${version.trim() || '*'}${text}`,
        change: become({ ...kept, version: other }),
      };
    },
  });
  const kept = options === undefined ? rest : { ...rest, options };
  // Any version already: only other options are a change.
  const edits: Edit[] = [];
  if (cause.kind === 'component') {
    for (const near of neighbours(cause.on, version)) {
      const text = `ask for ${name} ^${near} instead of ${version}`;
      edits.push({
        ...exactly(name, become({ ...kept, version: `^${near}` }), text),
        broad: edits.length > 0,
      });
    }
  }
  if (version !== '*') edits.push({ ...ask('*', kept, ''), broad: edits.length > 0 });
  if (cause.kind === 'component') {
    const { wanted, other } = prereleases(cause.on, version);
    if (wanted.length > 0) edits.push(ask(wanted.join(' || '), kept, ''));
    if (other.length > 0) edits.push({ ...ask(other.join(' || '), kept, ''), loses: true });
  }
  if (options === undefined) return edits;
  const plain = `without ${assignments(options)}`;
  const bare = exactly(name, become({ ...rest, version }), `ask for ${name} ${plain}`);
  return edits.length === 0 ? [bare] : [...edits, bare, { ...ask('*', rest, `, ${plain}`), broad: true }];
}

/** The released versions next to a range: the one above all that are in it, the one below them all. */
function neighbours({ candidates }: ComponentPackage, range: string): string[] {
  const bounds = parseRange(range);
  if (bounds === undefined || bounds.length === 0) return [];
  const sorted = candidates
    .filter(({ version }) => version.prerelease.length === 0 && version !== unknownVersion)
    .sort((a, b) => compareVersions(a.version, b.version));
  const least = parseVersion(minVersion(range)?.version ?? '');
  const above = sorted.slice(sorted.findLastIndex(({ version }) => inRange(version, bounds)) + 1);
  const isAbove = ({ version }: Parsed) => least !== undefined && compareVersions(version, least) > 0;
  const found = [
    above.find(isAbove),
    sorted.findLast(({ version }) => least !== undefined && compareVersions(version, least) < 0),
  ];
  return found.flatMap((each) => each?.candidate.version ?? []);
}

/** The pre-releases that would be in the range if they were released, and those that nobody had in mind. */
function prereleases({ candidates }: ComponentPackage, range: string): { wanted: string[]; other: string[] } {
  const early = candidates.filter(({ version }) => version.prerelease.length > 0);
  const wanted = releasedIn(early, range);
  const text = ({ candidate }: Parsed) => candidate.version;
  return { wanted: wanted.map(text), other: early.filter((each) => !wanted.includes(each)).map(text) };
}

/** The version of what meets a wish for the name. */
function versionOf(name: string, cause: Cause, closure: Closure): string {
  const named = closure.get(name)?.candidate.version;
  const provided = providerOf(name, closure)?.candidate.provides?.[name];
  const isComponent = cause.kind === 'component' || cause.kind === 'constraint';
  return (isComponent ? (named ?? provided) : (provided ?? named)) ?? '0.0.0';
}

function providerOf(capability: string, closure: Closure): Selected | undefined {
  return [...closure.values()].find(({ candidate }) => own(candidate.provides, capability) !== undefined);
}

/** Asks for it in other closures of the app only, where that is a change. */
function limits({ name, requirement }: Request, conditions: readonly Condition[]): Edit[] {
  return conditions.flatMap((condition) => {
    const when = { ...requirement.when, ...condition };
    const change = (root: Root) =>
      withRequirements(root, { ...root.requirements, [name]: { ...requirement, when } });
    const [setting = ''] = Object.keys(condition);
    if (own(requirement.when, setting) !== undefined) return [];
    return [exactly(name, change, `ask for ${name} only where it can be had: "when: ${settingsText(when)}"`)];
  });
}

function remove(name: string): Edit {
  const change = (root: Root) => withRequirements(root, without(root.requirements, name));
  return { ...exactly(name, change, `do without ${name}`), loses: true };
}

function choose(capability: string, provider: string): Edit {
  const text = `choose one: add "${capability}: ${provider}" to providers`;
  return exactly(capability, chosen(capability, provider), text);
}

function unchoose(root: Root, capability: string): Edit[] {
  const before = own(root.providers, capability);
  if (before === undefined) return [];
  const change = (changed: Root) => ({ ...changed, providers: without(changed.providers ?? {}, capability) });
  return [
    {
      name: capability,
      change,
      loses: false,
      instruct: (closure) => {
        const provider = providerOf(capability, closure)?.candidate.name;
        if (provider === undefined) return { text: `choose no provider for ${capability}`, change };
        const text = `choose ${provider} for ${capability} instead of ${before}`;
        return { text, change: chosen(capability, provider) };
      },
    },
  ];
}

function chosen(capability: string, provider: string): Instruction['change'] {
  return (root) => ({ ...root, providers: { ...root.providers, [capability]: provider } });
}

function withRequirements(root: Root, requirements: Requirements): Root {
  return { ...root, requirements };
}

function without<T>(record: Readonly<Record<string, T>>, name: string): Record<string, T> {
  return Object.fromEntries(Object.entries(record).filter(([each]) => each !== name));
}
