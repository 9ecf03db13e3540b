import type { Cause } from '../cause.js';
import type { ComponentPackage } from '../component-package.js';
import { compareText } from '../order.js';
import { own, type Request } from '../request.js';
import type { Requirement, Requirements, Root, Selected } from '../universe.js';
import type { Fact } from './core.js';
import { requestsIn } from './demands.js';
import { nearest } from './nearest.js';
import { assignments, join } from './words.js';

export type Closure = ReadonlyMap<string, Selected>;

/** A change of one line of the Bunnyfile. */
export interface Edit {
  root: Root;
  /** The name that it is about: another edit about it would only undo this one. */
  name: string;
  /** True where the user has to do without something. */
  loses: boolean;
  /** True for a change that holds more than one: of no use where a smaller one of the same name is. */
  broad?: boolean;
  /** The instruction, given a closure that the change led to. */
  describe(closure: Closure): string;
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
  const byName = (a: Wish, b: Wish) => compareText(a.request.name, b.request.name);
  const sorted = [...asked.values()].sort(byName);
  return [
    ...sorted.flatMap(({ request, cause }) => (isUnknown(cause) ? renames(root, request, names) : [])),
    ...causes.flatMap((cause) =>
      cause.kind === 'ambiguous'
        ? cause.providers.map((each) => choose(root, cause.capability.name, each))
        : [],
    ),
    ...[...capabilities].sort(compareText).flatMap((capability) => unchoose(root, capability)),
    ...sorted.flatMap((wish) => (isUnknown(wish.cause) ? [] : relaxations(root, wish, 'requirements'))),
    ...[...constrained.values()].sort(byName).flatMap((wish) => relaxations(root, wish, 'constraints')),
    ...sorted.map(({ request }) => remove(root, request.name)),
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
    .map((meant) => ({
      root: withRequirements(root, { ...without(root.requirements, name), [meant]: requirement }),
      name,
      loses: false,
      describe: () => `ask for ${meant} instead of ${name}`,
    }));
}

/** Other versions, pre-releases, other options, or all of that. */
function relaxations(
  root: Root,
  { request: { name, requirement }, cause }: Wish,
  of: 'requirements' | 'constraints',
): Edit[] {
  const { version, options, ...rest } = requirement;
  const early = cause.kind === 'component' ? prereleases(cause.on) : [];
  const edit = (changed: Requirement, describe: Edit['describe'], broad = false): Edit => ({
    root: { ...root, [of]: { ...root[of], [name]: changed } },
    name,
    loses: false,
    broad,
    describe,
  });
  const other = (closure: Closure) => `ask for ${name} ^${versionOf(name, closure)} instead of ${version}`;
  // Any version already: only other options are a change.
  const edits =
    of === 'constraints' && version === '*' ? [] : [edit({ ...requirement, version: '*' }, other)];
  if (early.length > 0) edits.push(edit({ ...requirement, version: early.join(' || ') }, other));
  if (options === undefined) return edits;
  const plain = assignments(options);
  edits.push(edit({ ...rest, version }, () => `ask for ${name} without ${plain}`));
  if (edits.length === 1) return edits;
  return [
    ...edits,
    edit({ ...rest, version: '*' }, (closure) => `${other(closure)}, without ${plain}`, true),
  ];
}

function prereleases({ candidates }: ComponentPackage): string[] {
  return candidates.flatMap(({ candidate, version }) =>
    version.prerelease.length > 0 ? [candidate.version] : [],
  );
}

function versionOf(name: string, closure: Closure): string {
  const named = closure.get(name)?.candidate;
  if (named !== undefined) return named.version;
  const provider = [...closure.values()].find(({ candidate }) => own(candidate.provides, name) !== undefined);
  return own(provider?.candidate.provides, name) ?? '0.0.0';
}

function remove(root: Root, name: string): Edit {
  return {
    root: withRequirements(root, without(root.requirements, name)),
    name,
    loses: true,
    describe: () => `do without ${name}`,
  };
}

function choose(root: Root, capability: string, provider: string): Edit {
  return {
    root: { ...root, providers: { ...root.providers, [capability]: provider } },
    name: capability,
    loses: false,
    describe: () => `choose one: add "${capability}: ${provider}" to providers`,
  };
}

function unchoose(root: Root, capability: string): Edit[] {
  const chosen = own(root.providers, capability);
  if (chosen === undefined) return [];
  const providers = Object.fromEntries(
    Object.entries(root.providers ?? {}).filter(([name]) => name !== capability),
  );
  return [
    {
      root: { ...root, providers },
      name: capability,
      loses: false,
      describe: (closure) => {
        const found = [...closure].filter(
          ([, { candidate }]) => own(candidate.provides, capability) !== undefined,
        );
        return `choose ${join(found.map(([name]) => name))} for ${capability} instead of ${chosen}`;
      },
    },
  ];
}

function withRequirements(root: Root, requirements: Requirements): Root {
  return { ...root, requirements };
}

function without(requirements: Requirements, name: string): Requirements {
  return Object.fromEntries(Object.entries(requirements).filter(([each]) => each !== name));
}
