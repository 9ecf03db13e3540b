import { keepCatalogCurrent, pushVariant, type Variant } from 'bunny-libos-namespace';
import { joinReference, manifestType, type Target } from 'bunny-libos-oci';
import { canonicalJson, sha256 } from 'bunny-libos-spec';
import type { FilesRead, WorkPlace } from 'bunny-libos-tooling';
import { attest, canonicalRepository, layerProvenance, predicateType } from 'bunny-libos-trust';
import { breakingError, findLosses, isBreaking, linesOf, unusedLines } from '../checks/compatibility.js';
import { compileJobs } from '../compile/compile.js';
import { describeVariant, type MadeVariant } from '../compile/describe-variant.js';
import type { CompileContext, CompileJob, TargetClosure } from '../compile/job.js';
import type { LocalVariant } from '../plan/local-variant.js';
import type { PlannedVariant } from '../plan/plan.js';
import { requireKnownFiles } from './files-read.js';
import { headerAdvice } from './header-advice.js';
import { LocalSubjects } from './local-subjects.js';
import { rememberMade } from './made-here.js';
import type { Publication } from './publication.js';
import { updateIndexes } from './updated-indexes.js';
import { checkVariants } from './variant-checks.js';
import { type CompilePlace, missingOf, prepareJobs } from './variant-jobs.js';

export interface PublishVariantsOptions extends CompilePlace, Publication {
  context: CompileContext;
  /** What is to be compiled, and against what: `planClosures`. */
  closures: ReadonlyMap<LocalVariant, TargetClosure>;
  /** Opens the tooling layer: its root filesystem. Called only where something is to be compiled. */
  openRoot: () => Promise<string>;
  /** Pushes what must be there before the variants. */
  pushFirst: () => Promise<void>;
  /** Where it is compiled. */
  place: WorkPlace;
}

/** How long one publisher waits for another that compiles the same sources. Milliseconds. */
const longestWait = 60 * 60_000;

export interface PublishResult {
  /** Compilers that ran. */
  compiled: number;
  pushed: readonly { variant: LocalVariant; published: Variant }[];
  warnings: readonly string[];
}

/**
 * Compiles the planned variants, checks their symbols against their declared dependencies, and pushes
 * them, dependencies first. Throws BUNNY_ECOMPILE, BUNNY_ESOURCE, BUNNY_EUNDECLARED, BUNNY_EBREAKING, and what the
 * registry throws; what was pushed by then stays, whole, and is not made again.
 */
export async function publishVariants(
  planned: readonly PlannedVariant[],
  options: PublishVariantsOptions,
): Promise<PublishResult> {
  const missing = missingOf(planned);
  if (missing.length === 0) {
    await options.pushFirst();
    await attachAll(variantsThere(planned), options);
    const ofIndexes = await updateIndexes([], planned, options);
    const ofCatalog = await noteInCatalog(planned, [], new Map(), options);
    return { compiled: 0, pushed: [], warnings: [...ofIndexes, ...ofCatalog] };
  }

  const { context } = options;
  const jobs = await prepareJobs(options.closures, planned, context);
  const root = await options.openRoot();
  const { compiled, made, read } = await compileAndDescribe(jobs, planned, root, options);
  requireKnownFiles(jobs, read);
  for (const { config } of made.values()) context.configs.add(config);
  const fresh = [...made].filter(([job]) => missing.includes(job.variant));
  const warnings = await checkVariants(
    fresh.map(([job, { config }]) => [job, config] as const),
    context,
    read,
  );
  const breaking = await breakingVariants(made, missing, planned, root, options, warnings);
  await options.pushFirst();
  const pushed: { variant: LocalVariant; published: Variant }[] = [];
  for (const [job, variant] of fresh) {
    const published = await pushMade(job.variant, variant, breaking.has(job.variant), options);
    pushed.push({ variant: job.variant, published });
    options.onPushed?.(job.variant);
  }
  const there = [...fresh.map(([job]) => job.variant), ...variantsThere(planned)];
  await attachAll(there, options);
  const ofIndexes = await updateIndexes(pushed, planned, options);
  const ofCatalog = await noteInCatalog(planned, pushed, made, options);
  return { compiled, pushed, warnings: [...warnings, ...ofIndexes, ...ofCatalog] };
}

/** Bills of materials and sources, where they are wanted. What writes them is loaded by those who ask for one. */
async function attachAll(variants: readonly LocalVariant[], options: PublishVariantsOptions): Promise<void> {
  const { sboms = [], withSource } = options;
  if (withSource) await (await import('./attach-sources.js')).attachSources(variants, options);
  if (sboms.length > 0) await (await import('./attach-sboms.js')).attachSboms(variants, sboms, options);
}

/** Those that were published before. */
function variantsThere(planned: readonly PlannedVariant[]): LocalVariant[] {
  return planned.flatMap(({ action, variant }) => (action === 'present' ? [variant] : []));
}

/** Compiles, and reads what came of it, while no other process works in the same directory. */
async function compileAndDescribe(
  jobs: readonly CompileJob[],
  planned: readonly PlannedVariant[],
  root: string,
  options: PublishVariantsOptions,
): Promise<{ compiled: number; made: Map<CompileJob, MadeVariant>; read: FilesRead }> {
  const { signal, onEdge, place, tooling } = options;
  return await place.hold(
    async () => {
      await place.prepare(originsOf(planned), signal);
      const compiled = await compileJobs(jobs, {
        root,
        place,
        jobs: options.jobs,
        limits: options.limits,
        signal,
        onEdge,
        headerAdvice: (headers) => headerAdvice(headers, options.context),
      });
      const made = new Map<CompileJob, MadeVariant>();
      for (const job of jobs) made.set(job, await describeVariant(job, tooling.rules.abi, place));
      return { compiled, made, read: place.dependencies() };
    },
    { timeout: longestWait, signal },
  );
}

/**
 * What decides, beside sources and the tooling layer, what the commands of a publication do: who controls it could make
 * them do anything, also to what is made of other components there.
 */
function originsOf(planned: readonly PlannedVariant[]): string[] {
  const origins = planned.map(({ variant }) => {
    const { name, flags, options, sources } = variant.local.document.value;
    const words = sources.map((entry) => [entry.flags ?? [], entry.defines ?? {}, entry.include ?? []]);
    return sha256(canonicalJson({ name, flags, options, words }));
  });
  return [...new Set(origins)];
}

/**
 * The variants among the missing ones that break what is published, where that is allowed; a warning for
 * each. Throws BUNNY_EBREAKING where it is not.
 */
async function breakingVariants(
  made: ReadonlyMap<CompileJob, MadeVariant>,
  missing: readonly LocalVariant[],
  planned: readonly PlannedVariant[],
  root: string,
  options: PublishVariantsOptions,
  warnings: string[],
): Promise<Set<LocalVariant>> {
  const { context, limits, signal } = options;
  const subjects = new LocalSubjects(made, planned, context, { root, limits, signal });
  const fresh = subjects.fresh(missing);
  const losses = await findLosses(fresh, subjects);
  for (const line of unusedLines(losses)) warnings.push(line);
  const breaks = losses.filter(isBreaking);
  const [first, ...rest] = breaks;
  if (first === undefined) return new Set();
  if (options.allowBreaking === undefined) throw breakingError([first, ...rest]);
  for (const line of breaks.flatMap(linesOf)) warnings.push(line);
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
  const transfer = observer?.begin({ size }, target.name);
  const published = await pushVariant(target, made.config, made.files, {
    signal,
    breaking: isBreaking ? allowBreaking : undefined,
    types: made.types,
    onBytes: (bytes) => transfer?.moved(bytes),
  }).finally(() => transfer?.end());
  await rememberMade(options.store, published.manifest.digest);
  await attestMade(target, made, published, options);
  return published;
}

/** Says, signed and beside a variant, how it was made, where that is wanted. */
async function attestMade(
  target: Target,
  { config }: MadeVariant,
  { manifest, layerHash, identity }: Variant,
  { signingKey, provenance, to, framework, signal }: PublishVariantsOptions,
): Promise<void> {
  if (signingKey === undefined || provenance === undefined) return;
  const repository = canonicalRepository(joinReference(to, `${framework}/${identity.name}`));
  const predicate = layerProvenance(identity, config.builtWith, { tool: provenance, now: new Date() });
  const attestation = { predicateType: predicateType('provenance') ?? '', predicate };
  const descriptor = { mediaType: manifestType, ...manifest };
  const subject = { digest: manifest.digest, layerHash, repository };
  await attest(target, descriptor, subject, attestation, signingKey, { signal });
}

/** Notes in the catalog what is published now. Returns warnings. */
function noteInCatalog(
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
