import { nothing, overlaps } from '../candidate-set.js';
import type { CapabilityPackage } from '../capability-package.js';
import type { Cause } from '../cause.js';
import type { ComponentPackage } from '../component-package.js';
import { compareText } from '../order.js';
import { own, type Request, requestKey } from '../request.js';
import type { World } from '../world.js';
import type { Demand } from './demands.js';
import { shortfall, type Want } from './shortfall.js';
import { common, type Story, union } from './story.js';
import { join } from './words.js';

/** Finds the line on which a fact is told. */
export type Numbering = (told: Demand | Cause | undefined) => number;

/** Where the facts of a story do not meet: what is asked for and does not exist, and what exists instead. */
export function conclusions(
  story: Story,
  world: World,
  names: Iterable<string>,
  numbering: Numbering,
): string[] {
  const capabilities = new Set<CapabilityPackage>([
    ...story.demands.flatMap(({ on }) => (on.kind === 'capability' ? [on] : [])),
    ...story.of('provides').map(({ capability }) => capability),
  ]);
  const found = [
    ...choices(story),
    ...story.of('cycle').map(({ path }) => ofCycle(path)),
    ...[...capabilities].flatMap((capability) => ofCapability(capability, story, world, names)),
    ...[...wantsOf(story, numbering)].flatMap(([component, wants]) =>
      ofComponent(component, wants, world, names),
    ),
  ];
  return found.length > 0 ? [...new Set(found)] : ['nothing is left that meets all of this'];
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
  const steps = [...path.slice(1), first].map((name) => `needs ${name}`).join(', which ');
  return `${first} ${steps}: none of them can be built before the others`;
}

function ofCapability(
  capability: CapabilityPackage,
  story: Story,
  world: World,
  names: Iterable<string>,
): string[] {
  const { name } = capability;
  const about = <T extends { capability: CapabilityPackage }>(causes: readonly T[]) =>
    causes.filter((cause) => cause.capability === capability);
  const found: string[] = [];
  const providers = about(story.of('provides')).map(({ provider }) => provider);
  const chosen = own(world.root.providers, name);
  const [one] = providers;
  if (providers.length > 1) {
    const names = providers.map((provider) => provider.name);
    found.push(`${provide(names, name)}, and a closure has one provider of it`);
  } else if (one !== undefined && chosen !== undefined && one.name !== chosen) {
    found.push(`${one.name} provides ${name} too, and a closure has one provider of it`);
  } else if (one !== undefined) {
    const request = story
      .of('capability')
      .find(({ on, allowed }) => on === capability && !overlaps(allowed, capability.only(one.name)))?.request;
    const want = { line: 0, requests: request ? [request] : [], capability: name, allowed: nothing };
    if (request !== undefined) found.push(shortfall(one, [want], names));
  }
  for (const { on, allowed, request } of story.of('capability')) {
    if (on !== capability || allowed !== nothing) continue;
    if (capability.order?.length === 0) found.push(`nothing is known to provide ${name}`);
    for (const provider of capability.order ?? []) {
      const want = { line: 0, requests: [request], capability: name, allowed };
      found.push(shortfall(world.component(provider), [want], names));
    }
  }
  return found;
}

function provide(providers: readonly string[], capability: string): string {
  const sorted = [...providers].sort(compareText);
  return `${join(sorted)} ${sorted.length === 2 ? 'both' : 'all'} provide ${capability}`;
}

/** Everything that is wanted of each component, under its own name or another. */
function wantsOf(story: Story, numbering: Numbering): Map<ComponentPackage, Want[]> {
  const wants = new Map<ComponentPackage, Want[]>();
  const add = (component: ComponentPackage, told: Demand | Cause | undefined, want: Omit<Want, 'line'>) => {
    const line = numbering(told);
    const known = wants.get(component) ?? [];
    wants.set(component, known);
    const same = known.find((each) => each.line === line && each.capability === want.capability);
    if (same === undefined) known.push({ line, ...want });
  };
  for (const demand of story.demands) {
    if (demand.on.kind !== 'component') continue;
    const requests = demand.entries.map(({ request }) => request);
    add(demand.on, demand, { requests, capability: undefined, allowed: union(demand.entries) });
  }
  for (const { capability, request, provider, allowed } of story.of('service')) {
    const asks = ({ on, entries }: Demand) =>
      on === capability && entries.some((entry) => requestKey(entry.request) === requestKey(request));
    add(provider, story.demands.find(asks), { requests: [request], capability: capability.name, allowed });
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
  return new Map([...wants].sort(([a], [b]) => compareText(a.name, b.name)));
}

function ofComponent(
  component: ComponentPackage,
  wants: readonly Want[],
  world: World,
  names: Iterable<string>,
): string[] {
  const impossible = wants.filter(({ allowed }) => allowed === nothing);
  if (impossible.length > 0) {
    if (!component.listing && world.isUnprovided(component.name))
      return [`nothing is known to provide ${component.name}`];
    return [...new Set(impossible.map((want) => shortfall(component, [want], names)))];
  }
  return common(wants.map(({ allowed }) => allowed)) === nothing ? [shortfall(component, wants, names)] : [];
}
