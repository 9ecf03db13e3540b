import { Catalog } from 'bunny-libos-namespace';
import { type Network, Store } from 'bunny-libos-oci';
import { frameworkSeeds } from 'bunny-libos-resolver';
import { BunnyError, exitStatus, isComponentName } from 'bunny-libos-spec';
import { givenBases, openSources } from './bases.js';
import { Project, type ProjectOptions } from './project.js';

/** Whose components are asked for, with or without a Bunnyfile. */
export interface FrameworkOptions extends ProjectOptions {
  framework?: string | undefined;
}

/** The catalog of one framework as a command line means it. */
export interface FrameworkCatalog {
  framework: string;
  catalog: Catalog;
}

/**
 * The catalogs that a command is about: that of `--framework`, else that of the Bunnyfile, else those of all
 * frameworks under the base references, where these tell. Throws BUNNY_ENOFRAMEWORK where they do not, and
 * BUNNY_EUSAGE where there is nowhere to look.
 */
export async function frameworkCatalogs(options: FrameworkOptions): Promise<FrameworkCatalog[]> {
  const { network, signal } = options;
  const project = await projectIfAny(options);
  const references = givenBases(options.from);
  const onWarning = options.observer?.onWarning;
  const bases = project?.bases ?? openSources(references, process.cwd(), network, onWarning);
  const named = options.framework === undefined ? project?.frameworks : [options.framework];
  if (bases.references.length === 0) {
    throw new BunnyError('BUNNY_EUSAGE', 'no registry is named', {
      where: project?.file ?? '--from',
      hint: 'name one with --from REF, with `registries` in the Bunnyfile, or with BUNNY_REGISTRY',
      exitStatus: exitStatus.usage,
    });
  }
  const frameworks = named ?? (await frameworksUnder(references, network));
  if (frameworks.length === 0) {
    throw new BunnyError('BUNNY_ENOFRAMEWORK', 'cannot tell which framework is meant', {
      where: references.join(', '),
      hint: 'name it with --framework NAME: this registry does not list what it has',
      exitStatus: exitStatus.usage,
    });
  }
  const store = await (project?.store() ?? Store.open());
  return frameworks.map((framework) => {
    const part = project?.parts.find((each) => each.framework === framework);
    const place = { bases: part?.bases ?? bases, framework, store, signal };
    const seeds = async () => [
      ...(await frameworkSeeds(place)),
      ...(project === undefined ? await componentsUnder(references, framework, network) : []),
    ];
    return { framework, catalog: new Catalog({ ...place, seeds }) };
  });
}

/** Frameworks that have a tooling layer or a catalog under the references, sorted; none where these do not tell. */
async function frameworksUnder(references: readonly string[], network: Network): Promise<string[]> {
  const lists = await Promise.all(references.map((reference) => repositories(reference, network)));
  const names = lists.flat().flatMap((path) => /^([^/]+)\/(?:tooling|catalog)$/.exec(path)?.[1] ?? []);
  return [...new Set(names)].sort();
}

/** Components of a framework that the references list, sorted; none where these do not tell. */
export async function componentsUnder(
  references: readonly string[],
  framework: string,
  network: Network,
): Promise<string[]> {
  const lists = await Promise.all(references.map((reference) => repositories(reference, network)));
  const names = lists.flat().flatMap((path) => {
    const [first, name, ...rest] = path.split('/');
    return first === framework && name !== undefined && rest.length === 0 ? [name] : [];
  });
  return [...new Set(names)].filter(isComponentName).sort();
}

async function repositories(reference: string, network: Network): Promise<string[]> {
  return (await network.repositories(reference)) ?? [];
}

/** The Bunnyfile, where one is named or there is one here. */
async function projectIfAny(options: ProjectOptions): Promise<Project | undefined> {
  try {
    return await Project.open(options);
  } catch (error) {
    const isMissing = error instanceof BunnyError && error.code === 'BUNNY_ENOBUNNYFILE';
    if (isMissing && options.file === undefined) return undefined;
    throw error;
  }
}
