import { type InferredRequirement, inferDependencies } from 'bunny-libos-builder';
import { Catalog, readRulesLayer } from 'bunny-libos-namespace';
import { frameworkSeeds, openNamespace, replaceFile, resolve, writeDependencies } from 'bunny-libos-resolver';
import { type Bunnyfile, type Document, type LockedTarget, toolingRepository } from 'bunny-libos-spec';
import type { LockRequest } from './request.js';
import { explainStaleCatalog } from './stale-catalog.js';

/** What an app turned out to depend on, and its Bunnyfile with that written out. */
export interface Inferred {
  requirements: readonly InferredRequirement[];
  text: string;
}

/** Finds what the sources of a project use beyond what its Bunnyfile names, for all its targets. Writes nothing. */
export async function inferFor({ project, options, store, bases, sources }: LockRequest): Promise<Inferred> {
  const { document, framework, directory, signal, observer } = project;
  const place = { bases, framework, store, signal };
  const { inferDependencies: _, ...known } = document.value;
  const open = { ...document, value: known };
  const catalog = new Catalog({ ...place, seeds: () => frameworkSeeds(place) });
  const namespace = openNamespace(options);
  observer.onProgress?.('looking at the sources');
  const requirements = await inferDependencies({
    bunnyfile: open,
    directory,
    store,
    sources,
    catalog,
    resolve: async (dependencies) => {
      const bunnyfile = withDependencies(open, dependencies);
      try {
        return (await resolve({ ...options, filter: {}, bunnyfile, namespace })).wanted;
      } catch (error) {
        throw await explainStaleCatalog(error, catalog, namespace);
      }
    },
    rulesOf: async ({ tooling }: LockedTarget) =>
      (await readRulesLayer(store, tooling.rules, sources(tooling.from, toolingRepository), { signal }))
        .rules,
    signal,
  });
  const ranges = Object.fromEntries(requirements.map(({ name, version }) => [name, version]));
  return { requirements, text: writeDependencies(project.text, ranges, project.file) };
}

/** The same with the dependencies in the Bunnyfile, which is written but for a dry run. */
export async function writeInferred(request: LockRequest): Promise<LockRequest> {
  const { project, wishes } = request;
  const { requirements, text } = await inferFor(request);
  if (!wishes.dryRun) await replaceFile(project.file, text);
  project.observer.onInferred?.(requirements);
  project.observer.onProgress?.('resolving');
  return request.withText(text);
}

function withDependencies(
  document: Document<Bunnyfile>,
  dependencies: Bunnyfile['dependencies'],
): Document<Bunnyfile> {
  return { ...document, value: { ...document.value, dependencies } };
}
