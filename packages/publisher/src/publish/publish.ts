import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import {
  type Bases,
  openTooling,
  type PublishedTooling,
  pushTooling,
  type TargetFilter,
} from 'bunny-libos-namespace';
import { joinReference, manifestType, type Network, type Store } from 'bunny-libos-oci';
import { readTooling, toolingVersions } from 'bunny-libos-resolver';
import {
  BunnyError,
  canonicalJson,
  exitStatus,
  suggestion,
  type TargetName,
  type ToolingRules,
  toolingRepository,
} from 'bunny-libos-spec';
import { WorkPlace } from 'bunny-libos-tooling';
import { canonicalRepository, signManifest } from 'bunny-libos-trust';
import type { CompileContext, TargetClosure } from '../compile/job.js';
import { type LocalTooling, readSources, type Sources } from '../plan/component-directory.js';
import type { LocalVariant } from '../plan/local-variant.js';
import { type PublishPlan, planVariants, type Shard, unmadeRoot } from '../plan/plan.js';
import type { Publication } from './publication.js';
import { type PublishResult, publishVariants } from './publish-variants.js';
import { openPrepared, type PlannedTooling, planTooling } from './tooling-artifact.js';
import { compileContext, planClosures } from './variant-jobs.js';

export interface PublishOptions extends Publication {
  /** Component directories, or directories that hold several. */
  paths: readonly string[];
  /** Base reference. */
  to: string;
  bases: Bases;
  /** Opens what the bases do not hold: an image that a root filesystem is made from. */
  network: Pick<Network, 'open'>;
  store: Store;
  filter: TargetFilter;
  /** Of several frameworks that there is something for, only these. */
  frameworks?: readonly string[] | undefined;
  shard?: Shard | undefined;
  /** Programs that a tooling.yaml names may run on this machine, to make a root filesystem. */
  allowCommands?: boolean | undefined;
  /** Only the plan is wanted: no program is run, and no archive unpacked. */
  dryRun?: boolean | undefined;
  signal?: AbortSignal | undefined;
  /** Lines of the program that makes a root filesystem. */
  onLine?: ((line: string) => void) | undefined;
}

/** A plan, and what it takes to carry it out. */
export interface PreparedPublish {
  plan: PublishPlan;
  /** The tooling layer as made here, or as published. */
  tooling: ChosenTooling;
  context: CompileContext;
  closures: ReadonlyMap<LocalVariant, TargetClosure>;
}

type ChosenTooling =
  | { kind: 'local'; planned: PlannedTooling }
  | { kind: 'published'; published: PublishedTooling };

/**
 * Plans the publication of everything at the paths, one plan for each framework. Writes nothing to the
 * registry. A root filesystem whose layer hash only making it tells is made, but in a dry run, and not before what
 * can be refused without is refused. Throws what reading the documents, `planVariants` and the registry throw, and BUNNY_EPUBLISHED
 * where the tooling layer's version is taken by another one, BUNNY_ETARGET where the filter names what no target has,
 * BUNNY_ENOSOLUTION where nobody, here or on the registry, meets what a missing variant declares.
 */
export async function preparePublish(options: PublishOptions): Promise<PreparedPublish[]> {
  const sources = await readSources(options.paths);
  const frameworks = new Set([
    ...sources.toolings.map(({ document }) => document.value.framework),
    ...sources.components.map(({ document }) => document.value.framework),
  ]);
  const plans: PreparedPublish[] = [];
  const asked = options.frameworks ?? [...frameworks];
  const unknown = asked.find((framework) => !frameworks.has(framework));
  if (unknown !== undefined) throw nothingFor(unknown, [...frameworks], options.paths);
  for (const framework of [...new Set(asked)].sort())
    plans.push(await prepareFramework(framework, sources, options));
  const rules = plans.map(({ plan }) => plan.tooling.rules);
  for (const fact of ['arch', 'platform'] as const) requireKnown(fact, options.filter[fact], rules);
  if (options.dryRun) return plans;
  return await inTurn(plans, async (prepared) => {
    const { plan, tooling } = prepared;
    if (plan.tooling.layerHash !== undefined || tooling.kind !== 'local') return prepared;
    await tooling.planned.make();
    return await prepareFramework(plan.framework, sources, options);
  });
}

function nothingFor(framework: string, known: readonly string[], paths: readonly string[]): BunnyError {
  return new BunnyError('BUNNY_ENOTHING', `there is nothing for the framework ${framework} to publish`, {
    where: paths.join(', '),
    hint: suggestion(framework, known) ?? `what is there is for ${known.join(', ')}`,
    exitStatus: exitStatus.usage,
  });
}

async function inTurn<T>(items: readonly T[], action: (item: T) => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  for (const item of items) results.push(await action(item));
  return results;
}

/** Throws BUNNY_ETARGET where no target of any framework has a value that is asked for. */
function requireKnown(
  fact: keyof TargetName,
  values: readonly string[] = [],
  rules: readonly ToolingRules[],
): void {
  const known = [...new Set(rules.flatMap(({ targets }) => targets.map((target) => target[fact])))].sort();
  const unknown = values.find((value) => !known.includes(value));
  if (unknown === undefined) return;
  const frameworks = rules.map(({ framework }) => framework).join(' and ');
  throw new BunnyError('BUNNY_ETARGET', `${frameworks} has no target for the ${fact} ${unknown}`, {
    where: `--${fact}`,
    hint: suggestion(unknown, known) ?? `choose one of ${known.join(', ')}`,
    exitStatus: exitStatus.unsatisfiable,
  });
}

async function prepareFramework(
  framework: string,
  sources: Sources,
  options: PublishOptions,
): Promise<PreparedPublish> {
  const { bases, store, to, filter, shard, signal } = options;
  const chosen = await toolingFor(framework, sources, options);
  const place = {
    framework,
    to,
    bases,
    store,
    signal,
  };
  const variants = await planVariants(
    sources.components.filter(({ document }) => document.value.framework === framework),
    chosen.plan,
    { ...place, filter, shard },
  );
  const context = compileContext(
    variants.map(({ variant }) => variant),
    { ...place, tooling: chosen.plan },
  );
  const closures = await planClosures(variants, context);
  return {
    plan: { framework, to, tooling: chosen.plan, variants },
    tooling: chosen.tooling,
    context,
    closures,
  };
}

async function toolingFor(
  framework: string,
  sources: Sources,
  options: PublishOptions,
): Promise<{ plan: PublishPlan['tooling']; tooling: ChosenTooling }> {
  const { bases, store, to, signal } = options;
  const place = { store, bases, framework, signal };
  const [local, other] = sources.toolings.filter(({ document }) => document.value.framework === framework);
  if (other !== undefined) {
    throw new BunnyError('BUNNY_EDUPLICATE', `${framework} has two tooling layers here`, {
      where: other.document.at(['framework']),
      details: [`first in ${local?.file}`],
      hint: 'publish them one after the other',
      exitStatus: exitStatus.usage,
    });
  }
  if (local !== undefined) {
    const planned = await planTooling(local, store, options);
    const published = await readTooling(place, to, planned.rules.version);
    if (published !== undefined) requireSame(planned, published, local);
    return { plan: localPlan(planned, published), tooling: { kind: 'local', planned } };
  }
  const [newest] = await toolingVersions(place, to);
  const published = newest === undefined ? undefined : await readTooling(place, to, newest);
  if (published === undefined) {
    throw new BunnyError('BUNNY_ENOTFOUND', `${framework} has no tooling layer, here or on ${to}`, {
      where: to,
      hint: 'publish its tooling.yaml first, or together with the components; --framework publishes for others alone',
      exitStatus: exitStatus.unsatisfiable,
    });
  }
  const { rules, layerHash } = published.document;
  const reason = `the newest on ${to}`;
  return { plan: { rules, layerHash, action: 'use', reason }, tooling: { kind: 'published', published } };
}

/** What happens to a tooling layer that is described here. */
function localPlan(
  { rules, document }: PlannedTooling,
  published: PublishedTooling | undefined,
): PublishPlan['tooling'] {
  const { version } = rules;
  if (published === undefined) {
    return { rules, layerHash: document?.layerHash, action: 'push', reason: `${version} is missing` };
  }
  if (document === undefined) {
    return {
      rules,
      layerHash: undefined,
      action: 'unknown',
      reason: `${version} is published; ${unmadeRoot}`,
    };
  }
  const { layerHash } = published.document;
  return { rules, layerHash, action: 'present', reason: `${version} is published` };
}

/**
 * Throws BUNNY_EPUBLISHED where the tooling layer on the registry is another one, as far as is known. Rules are compared
 * as they are read: an older Bunny wrote them without the keys that it did not know, under another hash.
 */
function requireSame(
  { document, rules }: PlannedTooling,
  published: PublishedTooling,
  local: LocalTooling,
): void {
  const sameRules = canonicalJson(published.document.rules) === canonicalJson(rules);
  const rootfs = document?.identity.rootfs;
  const sameRoot = rootfs === undefined || isDeepStrictEqual(rootfs, published.document.identity.rootfs);
  if (sameRules && sameRoot) return;
  throw new BunnyError(
    'BUNNY_EPUBLISHED',
    `tooling ${rules.version} is published already, made from something else`,
    {
      where: local.document.at(['version']),
      details: [
        `published ${published.document.layerHash}`,
        `here      ${document?.layerHash ?? `unknown: ${unmadeRoot}`}`,
        sameRules ? 'the root filesystem differs' : 'the rules differ',
      ],
      hint: 'give the tooling layer a new version, or publish the components without it',
      exitStatus: exitStatus.unsatisfiable,
    },
  );
}

/**
 * Carries a plan out. Nothing is pushed before all that is missing is compiled and checked: a version that is there
 * stays. Then comes the tooling layer, then the variants.
 */
export async function publish(
  { plan, tooling, context, closures }: PreparedPublish,
  options: PublishOptions,
): Promise<PublishResult> {
  const { bases, store, signal, observer, signingKey } = options;
  const transfer = { signal };
  const pushFirst = async () => {
    if (tooling.kind !== 'local' || plan.tooling.action !== 'push') return;
    const target = bases.repository(plan.to, plan.framework, toolingRepository);
    const { digest, size, layerHash } = await pushTooling(target, await tooling.planned.make(), {
      ...transfer,
      observer,
    });
    if (signingKey === undefined) return;
    const repository = canonicalRepository(joinReference(plan.to, `${plan.framework}/tooling`));
    const descriptor = { mediaType: manifestType, digest, size };
    await signManifest(target, descriptor, { digest, layerHash, repository }, signingKey, transfer);
  };
  const openRoot = async () => {
    if (tooling.kind === 'local') return openPrepared(await tooling.planned.make(), store, signal);
    const { locked } = tooling.published;
    const opened = await openTooling(
      store,
      locked,
      [bases.repository(plan.to, plan.framework, toolingRepository)],
      transfer,
    );
    return opened.root;
  };
  return publishVariants(plan.variants, {
    ...options,
    context,
    closures,
    framework: plan.framework,
    to: plan.to,
    tooling: plan.tooling,
    openRoot,
    pushFirst,
    place: workPlace(store, options.paths, plan.tooling.layerHash ?? ''),
  });
}

/** What was compiled is kept for the next run, apart for each tooling layer. */
function workPlace(store: Store, paths: readonly string[], toolingHash: string): WorkPlace {
  const key = createHash('sha256')
    .update(JSON.stringify([process.cwd(), paths, toolingHash]))
    .digest('hex');
  return new WorkPlace(join(store.directory, 'publish', key.slice(0, 16)));
}
