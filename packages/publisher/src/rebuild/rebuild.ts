import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import {
  type Bases,
  ComponentRepository,
  type FoundVariant,
  openTooling,
  type PublishedTooling,
  pushVariant,
  readVariantDocuments,
  variantOfManifest,
} from 'bunny-libos-namespace';
import { MemoryTarget, type Store } from 'bunny-libos-oci';
import { readTooling, toolingVersions } from 'bunny-libos-resolver';
import {
  type BuiltWithComponent,
  BunnyError,
  type ComponentConfig,
  type ComponentIdentity,
  exitStatus,
  mediaTypes,
  toolingRepository,
} from 'bunny-libos-spec';
import { WorkPlace } from 'bunny-libos-tooling';
import { type CompileRun, compileJobs } from '../compile/compile.js';
import { describeVariant, type MadeVariant } from '../compile/describe-variant.js';
import { type CompileContext, type CompileJob, prepareJob } from '../compile/job.js';
import { headersDigest } from '../compile/steps.js';
import { targetsOf, variantLabel } from '../plan/local-variant.js';
import { requireKnownFiles } from '../publish/files-read.js';
import { attachedSources } from '../publish/source-archive.js';
import { compileContext } from '../publish/variant-jobs.js';
import { attachedComponent } from './attached-component.js';
import { type FileDifference, layerDifferences, metadataDifferences } from './layer-differences.js';

/** A published variant. */
export interface RebuildSubject {
  /** Base reference. */
  to: string;
  framework: string;
  name: string;
  /** Of its manifest. */
  digest: string;
}

export interface RebuildOptions {
  bases: Bases;
  store: Store;
  jobs?: number | undefined;
  limits?: CompileRun['limits'] | undefined;
  signal?: AbortSignal | undefined;
  onEdge?: CompileRun['onEdge'] | undefined;
}

/** What came of building a variant again. */
export interface Rebuilt {
  /** `libc 1.2.0 (amd64, qemu)` */
  label: string;
  /** `unknown`: it could not be built again, for the `reason`. */
  outcome: 'identical' | 'different' | 'unknown';
  reason?: string | undefined;
  layerHash: string;
  /** Digest of the published layer. */
  published: string;
  /** Digest of the layer that was built. */
  built?: string | undefined;
  files: readonly FileDifference[];
  /** Parts of what is published of the layer, and is not in it, that come out as others. */
  metadata: readonly string[];
}

/**
 * Builds a published variant again, from the sources that are attached to it, with the tooling layer and against the headers
 * that it names, in the sandbox, and compares. Throws BUNNY_ESOURCE where the attached sources are others, before anything is
 * compiled; BUNNY_ECOMPILE; BUNNY_EMETADATA; and what the registry throws.
 */
export async function rebuild(subject: RebuildSubject, options: RebuildOptions): Promise<Rebuilt> {
  const { to, framework, name, digest } = subject;
  const { bases, store, signal } = options;
  const target = bases.repository(to, framework, name);
  const documents = await readVariantDocuments(target, digest, { signal });
  if (documents === undefined) {
    throw new BunnyError('BUNNY_ENOTFOUND', `there is no ${name} with this digest`, {
      where: `${target.name}@${digest}`,
      hint: 'it was removed: publish it again, or resolve again',
      exitStatus: exitStatus.registry,
    });
  }
  const { descriptor, config, where } = documents;
  const { identity, layerHash } = config;
  if (identity.framework !== framework || identity.name !== name) {
    throw new BunnyError('BUNNY_EMETADATA', `this is ${identity.framework}/${identity.name}`, {
      where,
      hint: 'it was pushed to the repository of another component: do not use it',
      exitStatus: exitStatus.registry,
    });
  }
  const { layer } = variantOfManifest(descriptor, documents.manifest, config, where);
  const told = { label: variantLabel({ identity }), layerHash, published: layer.digest };
  const unknown = (reason: string): Rebuilt => ({
    ...told,
    outcome: 'unknown',
    reason,
    files: [],
    metadata: [],
  });

  const layers = await attachedSources(target, descriptor, { signal });
  if (layers.length === 0) return unknown('no sources are attached');
  const tooling = await toolingOf(identity, subject, options);
  if (tooling === undefined) return unknown(`its tooling layer ${identity.tooling} is not on ${to}`);
  const { rules } = tooling.document;
  const sources = bases.sources(to, framework, name);
  const variant = await attachedComponent(layers, { config, rules, where }, store, sources, signal);

  const place = { framework, to, bases, store, tooling: { rules, layerHash: identity.tooling }, signal };
  const context = compileContext([variant], place);
  const members: { kind: 'published'; variant: FoundVariant }[] = [];
  for (const each of config.builtWith) {
    const member = await memberOf(each, identity, subject, context, options);
    if (member === undefined)
      return unknown(`${each.name} ${each.version} with the same headers is not on ${to}`);
    members.push({ kind: 'published', variant: member });
  }
  const [targetRules] = targetsOf(variant, rules);
  if (targetRules === undefined) return unknown('its tooling layer has no target for it');
  const job = await prepareJob(variant, { rules: targetRules, closure: { members, direct: {} } }, context);
  const made = await compileAfresh(job, tooling, subject, options);

  const again = await pushVariant(new MemoryTarget(), made.config, made.files);
  const published = await store.unpacked({ mediaType: mediaTypes.componentLayer, ...layer }, sources, {
    signal,
  });
  const isSame = again.layer.digest === layer.digest;
  const files = isSame ? [] : layerDifferences(published, made.files);
  const metadata = metadataDifferences(config, made.config);
  const outcome = isSame && metadata.length === 0 ? 'identical' : 'different';
  return { ...told, outcome, built: again.layer.digest, files, metadata };
}

/** The tooling layer that an identity names by its layer hash. Undefined where it is not there. */
async function toolingOf(
  { tooling }: ComponentIdentity,
  { to, framework }: RebuildSubject,
  { bases, store, signal }: RebuildOptions,
): Promise<PublishedTooling | undefined> {
  const place = { bases, store, framework, signal };
  for (const version of await toolingVersions(place, to)) {
    const found = await readTooling(place, to, version);
    if (found?.document.layerHash === tooling) return found;
  }
  return undefined;
}

/** A variant with the very headers that another was compiled against; those of its own settings are looked at first. */
async function memberOf(
  { name, version, headers }: BuiltWithComponent,
  { settings }: ComponentIdentity,
  { to, framework }: RebuildSubject,
  { configs }: CompileContext,
  { bases, signal }: RebuildOptions,
): Promise<FoundVariant | undefined> {
  const repository = await ComponentRepository.open(
    bases.repository(to, framework, name),
    { framework, name },
    { signal },
  );
  if (!repository.versions.includes(version)) return undefined;
  const strangeness = (of: FoundVariant) =>
    Object.entries(of.identity.settings).filter(([key, value]) => (settings[key] ?? value) !== value).length;
  const variants = (await repository.variants(version))
    .map((variant): FoundVariant => ({ ...variant, from: to }))
    .sort((a, b) => strangeness(a) - strangeness(b));
  for (const variant of variants) {
    const config: ComponentConfig = await configs.configOf({ kind: 'published', variant });
    if (headersDigest(config.headers) === headers) return variant;
  }
  return undefined;
}

/** How long one waits for another that builds the same again. Milliseconds. */
const longestWait = 60 * 60_000;

/** Compiles with nothing that was compiled before. */
async function compileAfresh(
  job: CompileJob,
  { locked, document: { rules } }: PublishedTooling,
  { to, framework }: RebuildSubject,
  { bases, store, jobs, limits, signal, onEdge }: RebuildOptions,
): Promise<MadeVariant> {
  const from = bases.sources(to, framework, toolingRepository);
  const { root } = await openTooling(store, locked, from, { signal });
  const place = new WorkPlace(join(store.directory, 'rebuild', job.variant.layerHash.slice(7, 39)));
  const made = place.hold(
    async () => {
      await place.prepare([randomUUID()], signal);
      await compileJobs([job], { root, place, jobs, limits, signal, onEdge });
      requireKnownFiles([job], place.dependencies());
      return await describeVariant(job, rules.abi, place);
    },
    { timeout: longestWait, signal },
  );
  return await made.finally(() => place.discard(0));
}
