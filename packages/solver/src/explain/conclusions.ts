import { anything, type CandidateSet, nothing, overlaps } from '../search/candidate-set.js';
import type { CapabilityPackage } from '../search/capability-package.js';
import type { Cause } from '../search/cause.js';
import type { ComponentPackage } from '../search/component-package.js';
import { compareText } from '../search/order.js';
import { own, type Request, requestKey } from '../search/request.js';
import type { World } from '../search/world.js';
import type { Demand } from './demands.js';
import { grouped } from './grouped.js';
import { shortfall } from './shortfall.js';
import { common, type Story, type Told, union } from './story.js';
import type { Want } from './wanted.js';
import { listed, some } from './words.js';

/** Of a cycle of more steps than this not all are named. */
const longCycle = 12;

/** Finds the line on which a fact is told. */
export type Numbering = (told: Demand | Cause | undefined) => number;

/**
 * Where the facts of a story do not meet: what is asked for and does not exist, and what exists instead. Each is told
 * only when it is asked for, as there may be thousands. `shown`: lines after this one are not, and are not spoken of.
 */
export function* conclusions(
  story: Story,
  world: World,
  names: Iterable<string>,
  numbering: Numbering,
  shown = Number.POSITIVE_INFINITY,
): Generator<string, void, void> {
  const told = new Set<string>();
  for (const text of found(story, world, names, numbering, shown)) {
    if (told.has(text)) continue;
    told.add(text);
    yield text;
  }
  if (told.size === 0) yield 'nothing is left that meets all of this';
}

function* found(
  story: Story,
  world: World,
  names: Iterable<string>,
  numbering: Numbering,
  shown: number,
): Generator<string, void, void> {
  yield* choices(story);
  for (const { path } of story.of('cycle')) yield ofCycle(path);
  const requests = grouped(story.of('capability'), ({ on }) => on);
  const provided = grouped(story.of('provides'), ({ capability }) => capability);
  const capabilities = new Set<CapabilityPackage>([
    ...story.demands.flatMap(({ on }) => (on.kind === 'capability' ? [on] : [])),
    ...provided.keys(),
  ]);
  for (const capability of capabilities) {
    const asked = requests.get(capability) ?? [];
    yield* ofCapability(capability, asked, provided.get(capability) ?? [], world, names);
  }
  for (const [component, wants] of wantsOf(story, numbering, shown))
    yield* ofComponent(component, wants, world, names);
}

/** Capabilities that nobody chooses a provider for. */
export function choices(story: Story): string[] {
  return story
    .of('ambiguous')
    .map(
      ({ capability, providers }) =>
        `${provide(providers, capability.name)}, and nothing chooses between them`,
    );
}

function ofCycle(path: readonly string[]): string {
  const [first = ''] = path;
  if (path.length === 1) return `${first} needs itself, so it can never be built`;
  const needs = [...path.slice(1), first].map((name) => `needs ${name}`);
  const steps =
    needs.length <= longCycle
      ? needs.join(', which ')
      : `${needs[0]}, which through ${some(path.slice(2))} ${needs.at(-1)}`;
  return `${first} ${steps}: none of them can be built before the others`;
}

function* ofCapability(
  capability: CapabilityPackage,
  requests: readonly Told<'capability'>[],
  provided: readonly Told<'provides'>[],
  world: World,
  names: Iterable<string>,
): Generator<string, void, void> {
  const { name } = capability;
  const providers = provided.map(({ provider }) => provider);
  const chosen = own(world.root.providers, name);
  const [one] = providers;
  if (providers.length > 1) {
    const names = providers.map((provider) => provider.name);
    yield `${provide(names, name)}, and a closure has one provider of it`;
  } else if (one !== undefined && chosen !== undefined && one.name !== chosen) {
    yield `${one.name} provides ${name} too, and a closure has one provider of it`;
  } else if (one !== undefined) {
    const request = requests.find(({ allowed }) => !overlaps(allowed, capability.only(one.name)))?.request;
    const want = { line: 0, requests: request ? [request] : [], capability: name, allowed: nothing };
    if (request !== undefined) yield shortfall(one, [want], names);
  }
  for (const { allowed, request } of requests) {
    if (allowed !== nothing) continue;
    if (capability.order?.length === 0) yield `nothing is known to provide ${name}`;
    for (const provider of capability.order ?? []) {
      const want = { line: 0, requests: [request], capability: name, allowed };
      yield shortfall(world.component(provider), [want], names);
    }
  }
}

function provide(providers: readonly string[], capability: string): string {
  const sorted = [...providers].sort(compareText);
  return `${listed(sorted)} ${sorted.length === 2 ? 'both' : 'all'} provide ${capability}`;
}

/** Everything that is wanted of each component that cannot be all of it, under its own name or another. */
function wantsOf(story: Story, numbering: Numbering, shown: number): Map<ComponentPackage, Want[]> {
  const all: { component: ComponentPackage; told: Demand | Cause | undefined; want: Omit<Want, 'line'> }[] =
    [];
  const left = new Map<ComponentPackage, CandidateSet>();
  const add = (component: ComponentPackage, told: Demand | Cause | undefined, want: Omit<Want, 'line'>) => {
    all.push({ component, told, want });
    left.set(component, (left.get(component) ?? anything) & want.allowed);
  };
  /** Who asks first for just this of a capability. */
  const asked = new Map<string, Demand>();
  for (const demand of story.demands) {
    if (demand.on.kind !== 'component') {
      for (const { request } of demand.entries) {
        const key = `${demand.on.number} ${requestKey(request)}`;
        if (!asked.has(key)) asked.set(key, demand);
      }
      continue;
    }
    const requests = demand.entries.map(({ request }) => request);
    add(demand.on, demand, { requests, capability: undefined, allowed: union(demand.entries) });
  }
  for (const { capability, request, provider, allowed } of story.of('service')) {
    const demand = asked.get(`${capability.number} ${requestKey(request)}`);
    add(provider, demand, { requests: [request], capability: capability.name, allowed });
  }
  for (const constraint of story.of('constraint')) {
    const { on, request, allowed } = constraint;
    add(on, constraint, { requests: [request], capability: undefined, allowed });
  }
  for (const { capability, provider, allowed } of story.of('provider')) {
    if (allowed !== nothing) continue;
    const request: Request = { name: capability.name, requirement: { version: '*' } };
    add(provider, undefined, { requests: [request], capability: capability.name, allowed });
  }
  for (const only of story.of('only')) {
    const { capability, provider, allowed, asked } = only;
    const requests = asked.map(({ request }) => request);
    add(provider, only, { requests, capability: capability.name, allowed });
  }
  for (const conflict of story.of('conflict')) {
    add(conflict.other, conflict, { requests: [], capability: undefined, allowed: ~conflict.otherSet });
  }
  const wants = new Map<ComponentPackage, Map<string, Want>>();
  for (const { component, told, want } of all) {
    if (left.get(component) !== nothing) continue;
    const line = numbering(told);
    const known = wants.get(component) ?? new Map<string, Want>();
    wants.set(component, known);
    const key = `${line} ${want.capability ?? ''}`;
    if (!known.has(key)) known.set(key, { line: line > shown ? 0 : line, ...want });
  }
  const sorted = [...wants].sort(([a], [b]) => compareText(a.name, b.name));
  return new Map(sorted.map(([component, known]) => [component, [...known.values()]]));
}

function* ofComponent(
  component: ComponentPackage,
  wants: readonly Want[],
  world: World,
  names: Iterable<string>,
): Generator<string, void, void> {
  const impossible = wants.filter(({ allowed }) => allowed === nothing);
  if (impossible.length > 0 && !component.listing && world.isUnprovided(component.name)) {
    yield `nothing is known to provide ${component.name}`;
  } else if (impossible.length > 0) {
    for (const want of impossible) yield shortfall(component, [want], names);
  } else if (common(wants.map(({ allowed }) => allowed)) === nothing) {
    yield shortfall(component, wants, names);
  }
}
