import { type InferredRequirement, inferDependencies } from 'bunny-libos-builder';
import { Catalog, readRulesLayer } from 'bunny-libos-namespace';
import { frameworkSeeds, openNamespace, replaceFile, resolve, writeDependencies } from 'bunny-libos-resolver';
import {
  type Bunnyfile,
  type Document,
  type LockedTarget,
  readBunnyfile,
  toolingRepository,
} from 'bunny-libos-spec';
import { type LockFlags, resolveOptions } from './lock-options.js';
import { explainStaleCatalog } from './stale-catalog.js';
import type { Use } from './use.js';
import { openStore, type Project } from './workspace.js';

/** What an app turned out to depend on, and its Bunnyfile with that written out. */
export interface Inferred {
  requirements: readonly InferredRequirement[];
  text: string;
}

/** Finds what the sources of a project use beyond what its Bunnyfile names, for all its targets. Writes nothing. */
export async function inferFor(project: Project, context: Use<LockFlags>): Promise<Inferred> {
  const { terminal, signal } = context;
  const { document, bases, directory, file } = project;
  const store = await openStore();
  const place = { bases, framework: document.value.framework, store, signal };
  const { inferDependencies: _, ...known } = document.value;
  const open = { ...document, value: known };
  const options = { ...(await resolveOptions(project, context)), filter: {} };
  const catalog = new Catalog({ ...place, seeds: () => frameworkSeeds(place) });
  const namespace = openNamespace(options);
  terminal.progress('looking at the sources');
  const requirements = await inferDependencies({
    bunnyfile: open,
    directory,
    store,
    sources: (from, name) => bases.sources(from, document.value.framework, name),
    catalog,
    resolve: async (dependencies) => {
      const bunnyfile = withDependencies(open, dependencies);
      try {
        return (await resolve({ ...options, bunnyfile, namespace })).wanted;
      } catch (error) {
        throw await explainStaleCatalog(error, catalog, namespace);
      }
    },
    rulesOf: async ({ tooling }: LockedTarget) => {
      const sources = bases.sources(tooling.from, document.value.framework, toolingRepository);
      return (await readRulesLayer(store, tooling.rules, sources, { signal })).rules;
    },
    signal,
  });
  const ranges = Object.fromEntries(requirements.map(({ name, version }) => [name, version]));
  return { requirements, text: writeDependencies(project.text, ranges, file) };
}

/** Writes out the dependencies of a project that leaves them to be found (but for a dry run), and takes note of them. */
export async function writeInferred(
  project: Project,
  context: Use<LockFlags>,
): Promise<readonly InferredRequirement[]> {
  const { flags } = context;
  const { requirements, text } = await inferFor(project, context);
  if (!flags.dryRun) await replaceFile(project.file, text);
  project.text = text;
  project.document = readBunnyfile(text, project.file, project.document.value.name);
  return requirements;
}

function withDependencies(
  document: Document<Bunnyfile>,
  dependencies: Bunnyfile['dependencies'],
): Document<Bunnyfile> {
  return { ...document, value: { ...document.value, dependencies } };
}
