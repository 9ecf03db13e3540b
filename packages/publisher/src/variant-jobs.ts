import type { Store } from '@bunny/oci';
import { type Bases, MetadataCache, Namespace, RegistryUniverse } from '@bunny/resolver';
import type { ToolingDocument } from '@bunny/spec';
import { ClosureSolver } from './compile-closure.js';
import { type CompileContext, type CompileJob, prepareJob } from './compile-job.js';
import { LocalUniverse } from './local-universe.js';
import type { LocalVariant } from './local-variant.js';
import type { PlannedVariant } from './plan.js';
import { ConfigSource } from './symbol-sources.js';

/** Where variants are published to, and with which tooling layer they are compiled. */
export interface CompilePlace {
  framework: string;
  /** Base reference. */
  to: string;
  bases: Bases;
  store: Store;
  tooling: ToolingDocument;
  signal?: AbortSignal;
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
export async function prepareJobs(
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
    for (const member of [...job.closure.members, ...(await context.closures.knownBaseOf(job.rules))]) {
      if (member.kind === 'local' && !published.has(member.variant.layerHash)) waiting.push(member.variant);
    }
  }
  return planned.flatMap(({ variant }) => jobs.get(variant) ?? []);
}
