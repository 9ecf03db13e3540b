import { setImmediate } from 'node:timers/promises';
import { type Bases, MetadataCache, Namespace } from 'bunny-libos-namespace';
import type { Store } from 'bunny-libos-oci';
import { RegistryUniverse } from 'bunny-libos-resolver';
import { BunnyError } from 'bunny-libos-spec';
import { failuresTogether } from '../checks/failures-together.js';
import { ClosureSolver } from '../compile/closure-solver.js';
import { DistinctHeaders } from '../compile/distinct-headers.js';
import {
  type CompileContext,
  type CompileJob,
  closureFor,
  prepareJob,
  type TargetClosure,
} from '../compile/job.js';
import { Embedding } from '../compile/source-copy.js';
import { ConfigSource } from '../compile/symbol-sources.js';
import { LocalUniverse } from '../plan/local-universe.js';
import type { LocalVariant } from '../plan/local-variant.js';
import type { KnownTooling, PlannedVariant } from '../plan/plan.js';

/** Where variants are published to, and with which tooling layer they are compiled. */
export interface CompilePlace {
  framework: string;
  /** Base reference. */
  to: string;
  bases: Bases;
  store: Store;
  tooling: KnownTooling;
  signal?: AbortSignal | undefined;
}

/** What compiling takes beside the variants themselves. */
export function compileContext(
  local: readonly LocalVariant[],
  { bases, store, framework, tooling, to, signal }: CompilePlace,
): CompileContext {
  const namespace = new Namespace({
    bases,
    framework,
    cache: MetadataCache.of(store),
    signal,
  });
  const published = new RegistryUniverse({
    namespace,
    rules: tooling.rules,
    tooling: tooling.layerHash ?? '',
  });
  return {
    rules: tooling.rules,
    local,
    published,
    closures: new ClosureSolver(local, new LocalUniverse(local, published), published),
    configs: new ConfigSource(bases, to),
    embedding: new Embedding(),
    namespace,
    bases,
    store,
    signal,
  };
}

/**
 * What the missing variants are compiled against, and with them those that they are checked against and nobody has
 * published yet. Reads metadata only. Throws BUNNY_ENOSOLUTION where declared dependencies cannot be met, and BUNNY_EDUPLICATE
 * where two of what is compiled together have a public header of one path: once for all of them.
 */
export async function planClosures(
  planned: readonly PlannedVariant[],
  context: CompileContext,
): Promise<ReadonlyMap<LocalVariant, TargetClosure>> {
  const published = new Set(
    planned.filter(({ published: there }) => there).map(({ variant }) => variant.layerHash),
  );
  const closures = new Map<LocalVariant, TargetClosure>();
  const headers = new DistinctHeaders(context.configs);
  const failures = new Map<LocalVariant, BunnyError>();
  const waiting = missingOf(planned);
  for (let variant = waiting.pop(); variant !== undefined; variant = waiting.pop()) {
    if (closures.has(variant) || failures.has(variant)) continue;
    // Solving waits for nothing where all is known: a signal to the process has its turn here.
    await setImmediate();
    context.signal?.throwIfAborted();
    const found = await closureWith(headers, variant, context);
    if (found instanceof BunnyError) {
      failures.set(variant, found);
      continue;
    }
    closures.set(variant, found);
    const base = await context.closures.knownBaseOf(found.rules);
    for (const member of [...found.closure.members, ...base]) {
      if (member.kind === 'local' && !published.has(member.variant.layerHash)) waiting.push(member.variant);
    }
  }
  throwTogether(planned.flatMap(({ variant }) => failures.get(variant) ?? []));
  return closures;
}

/** What a variant is compiled against, or what is wrong with that. */
async function closureWith(
  headers: DistinctHeaders,
  variant: LocalVariant,
  context: CompileContext,
): Promise<TargetClosure | BunnyError> {
  try {
    const found = await closureFor(variant, context);
    await headers.require(variant, found.closure);
    return found;
  } catch (error) {
    const isOwn = error instanceof BunnyError && Object.hasOwn(faults, error.code);
    if (isOwn) return error;
    throw error;
  }
}

/** What may be wrong with closures, and how many are told of it. */
const faults: Readonly<Record<string, { summary: (count: number) => string; hint: string }>> = {
  BUNNY_ENOSOLUTION: {
    summary: (count) => `nothing meets the dependencies of ${count} variants`,
    hint: 'publish what is missing first, or change the dependencies of each',
  },
  BUNNY_EDUPLICATE: {
    summary: (count) => `${count} variants are compiled with two headers of one path`,
    hint: 'let one path be a public header of one component alone',
  },
};

/** Throws what is wrong with the closures: unmet dependencies first. */
function throwTogether(failures: readonly BunnyError[]): void {
  for (const [code, told] of Object.entries(faults)) {
    const [first, ...others] = failures.filter((each) => each.code === code);
    if (first !== undefined) throw failuresTogether([first, ...others], told);
  }
}

/** What the plan says is to be built. */
export function missingOf(planned: readonly PlannedVariant[]): LocalVariant[] {
  return planned.filter(({ action }) => action === 'build').map(({ variant }) => variant);
}

/** The jobs for everything that has a closure, each after what it depends on. */
export async function prepareJobs(
  closures: ReadonlyMap<LocalVariant, TargetClosure>,
  planned: readonly PlannedVariant[],
  context: CompileContext,
): Promise<CompileJob[]> {
  const jobs: CompileJob[] = [];
  for (const { variant } of planned) {
    const closure = closures.get(variant);
    if (closure !== undefined) jobs.push(await prepareJob(variant, closure, context));
  }
  return jobs;
}
