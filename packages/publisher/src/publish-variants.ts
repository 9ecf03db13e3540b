import { join } from 'node:path';
import { FileLock, type Store } from '@bunny/oci';
import {
  type Bases,
  MetadataCache,
  Namespace,
  RegistryUniverse,
  type TransferObserver,
  type Variant,
} from '@bunny/resolver';
import { BunnyError, type ToolingDocument } from '@bunny/spec';
import { type Edge, readDependencies } from '@bunny/tooling';
import { keepCatalogCurrent } from './catalog-update.js';
import { breakingError, findBreaks, linesOf } from './compatibility.js';
import { compileJobs } from './compile.js';
import { ClosureSolver } from './compile-closure.js';
import { type CompileContext, type CompileJob, prepareJob } from './compile-job.js';
import { pushVariant } from './component-artifact.js';
import { describeVariant, type MadeVariant } from './describe-variant.js';
import { LocalSubjects } from './local-subjects.js';
import { LocalUniverse } from './local-universe.js';
import { type LocalVariant, variantLabel } from './local-variant.js';
import type { PlannedVariant } from './plan.js';
import { checkSymbols, type SymbolSource } from './symbol-check.js';
import { cataloguedDefiners, knownDefiners } from './symbol-definers.js';
import { ConfigSource, imageSymbols, symbolSource } from './symbol-sources.js';
import { updateVersionIndex } from './version-index.js';

export interface PublishVariantsOptions {
  framework: string;
  to: string;
  bases: Bases;
  store: Store;
  tooling: ToolingDocument;
  /** Opens the tooling layer: its root filesystem. Called only where something is to be compiled. */
  openRoot: () => Promise<string>;
  /** Work directory of the compilation. */
  work: string;
  /** Why variants may lack symbols that dependents of a compatible version use; noted in their manifests. */
  allowBreaking?: string;
  jobs?: number;
  signal?: AbortSignal;
  onEdge?: (edge: Edge, progress: { done: number; total: number }) => void;
  onPushed?: (variant: LocalVariant) => void;
  observer?: TransferObserver;
}

/** How long one publisher waits for another that compiles the same sources. Milliseconds. */
const longestWait = 60 * 60_000;

/** Object -> the files that its compilation read. */
type FilesRead = Awaited<ReturnType<typeof readDependencies>>;

export interface PublishResult {
  /** Compilers that ran. */
  compiled: number;
  pushed: readonly { variant: LocalVariant; published: Variant }[];
  warnings: readonly string[];
}

/**
 * Compiles the planned variants, checks their symbols against their declared dependencies, and pushes
 * them, dependencies first. Throws BUNNY_ECOMPILE, BUNNY_EUNDECLARED, BUNNY_ENOSOLUTION, and what the
 * registry throws; what was pushed by then stays, whole, and is not made again.
 */
export async function publishVariants(
  planned: readonly PlannedVariant[],
  options: PublishVariantsOptions,
): Promise<PublishResult> {
  const local = planned.map(({ variant }) => variant);
  const missing = planned.filter(({ action }) => action === 'build').map(({ variant }) => variant);
  if (missing.length === 0) {
    return { compiled: 0, pushed: [], warnings: await updateCatalog(planned, [], new Map(), options) };
  }

  const context = compileContext(local, options);
  const jobs = await prepareJobs(missing, planned, context);
  const root = await options.openRoot();
  const { compiled, made, read } = await compileAndDescribe(jobs, root, options);
  for (const { config } of made.values()) context.configs.add(config);
  const warnings: string[] = [];
  for (const [job, { config }] of made) {
    if (missing.includes(job.variant)) warnings.push(...(await checkJob(job, config, context, read)));
  }
  const breaking = await breakingVariants(made, missing, planned, context, options, warnings);
  const pushed: { variant: LocalVariant; published: Variant }[] = [];
  for (const [job, variant] of made) {
    if (!missing.includes(job.variant)) continue;
    const published = await pushMade(job.variant, variant, breaking.has(job.variant), options);
    pushed.push({ variant: job.variant, published });
    options.onPushed?.(job.variant);
  }
  await updateIndexes(pushed, options);
  warnings.push(...(await updateCatalog(planned, pushed, made, options)));
  return { compiled, pushed, warnings };
}

/** Compiles, and reads what came of it, while no other process works in the same directory. */
async function compileAndDescribe(
  jobs: readonly CompileJob[],
  root: string,
  options: PublishVariantsOptions,
): Promise<{ compiled: number; made: Map<CompileJob, MadeVariant>; read: FilesRead }> {
  const { signal, onEdge, work, tooling } = options;
  return await new FileLock(join(work, 'lock'), 'publish').hold(
    async () => {
      const compiled = await compileJobs(jobs, {
        root,
        work,
        ...(options.jobs === undefined ? {} : { jobs: options.jobs }),
        ...(signal === undefined ? {} : { signal }),
        ...(onEdge === undefined ? {} : { onEdge }),
      });
      const made = new Map<CompileJob, MadeVariant>();
      for (const job of jobs) made.set(job, await describeVariant(job, tooling.rules.abi, work));
      return { compiled, made, read: await readDependencies(work) };
    },
    { timeout: longestWait, signal },
  );
}

function compileContext(local: readonly LocalVariant[], options: PublishVariantsOptions): CompileContext {
  const { bases, store, framework, tooling, to, signal } = options;
  const namespace = new Namespace({
    bases,
    framework,
    cache: MetadataCache.of(store),
    ...(signal === undefined ? {} : { signal }),
  });
  const published = new RegistryUniverse({ namespace, rules: tooling.rules, tooling: tooling.layerHash });
  return {
    rules: tooling.rules,
    local,
    published,
    closures: new ClosureSolver(local, new LocalUniverse(local, published), published),
    configs: new ConfigSource(bases, to),
    namespace,
    bases,
    store,
    ...(signal === undefined ? {} : { signal }),
  };
}

/**
 * The jobs for the missing variants and for those that they are checked against and nobody has published
 * yet, each after what it depends on.
 */
async function prepareJobs(
  missing: readonly LocalVariant[],
  planned: readonly PlannedVariant[],
  context: CompileContext,
): Promise<CompileJob[]> {
  const published = new Set(
    planned.filter(({ published: there }) => there).map(({ variant }) => variant.layerHash),
  );
  const jobs = new Map<LocalVariant, CompileJob>();
  const waiting = [...missing];
  for (let variant = waiting.pop(); variant !== undefined; variant = waiting.pop()) {
    if (jobs.has(variant)) continue;
    const job = await prepareJob(variant, context);
    jobs.set(variant, job);
    for (const member of [...job.closure.members, ...(await baseMembers(job, context))]) {
      if (member.kind === 'local' && !published.has(member.variant.layerHash)) waiting.push(member.variant);
    }
  }
  return planned.flatMap(({ variant }) => jobs.get(variant) ?? []);
}

/** The base components, as far as they can be found: a framework is published piece by piece at first. */
async function baseMembers(job: CompileJob, context: CompileContext) {
  try {
    return await context.closures.baseOf(job.rules);
  } catch (error) {
    if (error instanceof BunnyError && error.code === 'BUNNY_ENOSOLUTION') return [];
    throw error;
  }
}

async function checkJob(
  job: CompileJob,
  config: MadeVariant['config'],
  context: CompileContext,
  read: FilesRead,
): Promise<string[]> {
  const { variant, closure, rules } = job;
  const sourceOf = async (member: Parameters<ConfigSource['configOf']>[0]) =>
    symbolSource(await context.configs.configOf(member));
  const direct = new Map<string, SymbolSource>();
  for (const [requirement, component] of Object.entries(closure.direct)) {
    const member = closure.members.find((each) => each.variant.identity.name === component);
    if (member !== undefined) direct.set(requirement, await sourceOf(member));
  }
  const base = await Promise.all((await baseMembers(job, context)).map(sourceOf));
  const use = {
    label: variantLabel(variant),
    file: variant.local.file,
    objects: config.objects,
    own: symbolSource(config).defined,
    direct,
    base: [...base, ...imageSymbols(rules.target)],
    included: includedDependencies(job, read),
  };
  try {
    return checkSymbols({ ...use, others: [] });
  } catch (error) {
    if (!(error instanceof BunnyError) || error.code !== 'BUNNY_EUNDECLARED') throw error;
    const others = await knownDefiners(rules, context.local, context.published, context.configs);
    const definers = await cataloguedDefiners(use.objects, rules, context);
    return checkSymbols({ ...use, others, definers });
  }
}

/** Declared dependencies whose headers the compiler read. */
function includedDependencies(job: CompileJob, read: FilesRead): Set<string> {
  const files = job.plan.objects.flatMap(({ output }) => read.get(output) ?? []);
  const included = new Set<string>();
  for (const [requirement, component] of Object.entries(job.closure.direct)) {
    const root = job.memberRoots.get(component);
    if (root !== undefined && files.some((file) => file.startsWith(`${root}/`))) included.add(requirement);
  }
  return included;
}

/**
 * The variants among the missing ones that break what is published, where that is allowed; a warning for
 * each. Throws BUNNY_EBREAKING where it is not.
 */
async function breakingVariants(
  made: ReadonlyMap<CompileJob, MadeVariant>,
  missing: readonly LocalVariant[],
  planned: readonly PlannedVariant[],
  context: CompileContext,
  options: PublishVariantsOptions,
  warnings: string[],
): Promise<Set<LocalVariant>> {
  const subjects = new LocalSubjects(made, planned, context, options.signal);
  const fresh = subjects.fresh(missing);
  const breaks = await findBreaks(fresh, subjects);
  const [first, ...rest] = breaks;
  if (first === undefined) return new Set();
  if (options.allowBreaking === undefined) throw breakingError([first, ...rest]);
  warnings.push(...breaks.flatMap(({ variant, users }) => linesOf(variant.label, users)));
  const hashes = new Set(breaks.map(({ variant }) => variant.layerHash));
  return new Set(missing.filter(({ layerHash }) => hashes.has(layerHash)));
}

async function pushMade(
  variant: LocalVariant,
  made: MadeVariant,
  isBreaking: boolean,
  options: PublishVariantsOptions,
): Promise<Variant> {
  const { bases, to, framework, signal, allowBreaking, observer } = options;
  const target = bases.repository(to, framework, variant.identity.name);
  const size = made.files.reduce((sum, { content }) => sum + content.length, 0);
  const transfer = observer?.begin({ mediaType: '', digest: variant.layerHash, size }, target.name);
  return pushVariant(target, made.config, made.files, variant.tag, variant.deviations, {
    ...(signal === undefined ? {} : { signal }),
    ...(isBreaking && allowBreaking !== undefined ? { breaking: allowBreaking } : {}),
    onBytes: (bytes) => transfer?.moved(bytes),
  }).finally(() => transfer?.end());
}

async function updateIndexes(
  pushed: readonly { variant: LocalVariant; published: Variant }[],
  options: PublishVariantsOptions,
): Promise<void> {
  const groups = new Map<string, { name: string; version: string; known: Variant[] }>();
  for (const { variant, published } of pushed) {
    const { name, version } = variant.identity;
    const group = groups.get(`${name} ${version}`) ?? { name, version, known: [] };
    group.known.push(published);
    groups.set(`${name} ${version}`, group);
  }
  const transfer = options.signal === undefined ? {} : { signal: options.signal };
  for (const { name, version, known } of groups.values()) {
    const target = options.bases.repository(options.to, options.framework, name);
    await updateVersionIndex(target, version, known, transfer);
  }
}

/** Returns warnings. */
function updateCatalog(
  planned: readonly PlannedVariant[],
  pushed: readonly { variant: LocalVariant }[],
  made: ReadonlyMap<CompileJob, MadeVariant>,
  options: PublishVariantsOptions,
): Promise<string[]> {
  const nameOf = ({ variant }: { variant: LocalVariant }) => variant.identity.name;
  const written = new Set(pushed.map(nameOf));
  const published = new Set([...written, ...planned.filter((each) => each.published).map(nameOf)]);
  const configs = new Map([...made].map(([{ variant }, { config }]) => [variant.tag, config]));
  return keepCatalogCurrent(options, published, written, configs);
}
