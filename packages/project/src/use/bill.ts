import { readManifest, readRulesLayer } from 'bunny-libos-namespace';
import { manifestType, Pool } from 'bunny-libos-oci';
import {
  type LockedComponent,
  type LockedTarget,
  type LockedTooling,
  readComponentConfig,
  toolingRepository,
} from 'bunny-libos-spec';
import { type Bill, type BillPart, lockedSubjects } from 'bunny-libos-trust';
import type { ClosureSource } from './closures.js';

/** Layers whose metadata is read at the same time. */
const concurrency = 8;

/**
 * What an app is made of for a target, with what the manifests of the layers say of themselves: from the store, else the
 * sources. `direct`: what the app depends on itself. Throws what these throw.
 */
export async function billOf(
  { request, target }: Pick<ClosureSource, 'request' | 'target'>,
  direct: readonly string[],
  tool: string,
): Promise<Bill> {
  const { project } = request;
  const homes = new Map(
    lockedSubjects({ framework: project.framework, targets: [target] }).map(({ name, repository }) => [
      name,
      repository,
    ]),
  );
  const pool = new Pool(concurrency);
  const components = await Promise.all(
    target.components.map((each) =>
      pool.run(() => componentPart(request, each, homes.get(each.name) ?? each.name)),
    ),
  );
  const tooling = await toolingPart(request, target.tooling, homes.get(toolingRepository) ?? '');
  return {
    name: project.document.value.name,
    framework: project.framework,
    target: targetName(target),
    parts: [...components.sort((a, b) => (a.name < b.name ? -1 : 1)), tooling],
    direct: [...direct].sort(),
    tool,
  };
}

async function componentPart(
  { store, sources, project }: ClosureSource['request'],
  { name, version, digest, size, layerHash, from, dependencies }: LockedComponent,
  repository: string,
): Promise<BillPart> {
  const places = sources(from, name);
  const transfer = { signal: project.signal };
  const where = `${repository}@${digest}`;
  const descriptor = { mediaType: manifestType, digest, size };
  const manifest = readManifest(await store.load(descriptor, places, transfer), manifestType, where);
  const config = readComponentConfig(await store.load(manifest.config, places, transfer), where);
  const { license, description, identity } = config;
  return {
    kind: 'component',
    name,
    version,
    repository,
    digest,
    layerHash,
    source: identity.source,
    license,
    description,
    dependencies,
  };
}

async function toolingPart(
  { store, sources, project }: ClosureSource['request'],
  { version, digest, layerHash, from, rules }: LockedTooling,
  repository: string,
): Promise<BillPart> {
  const places = sources(from, toolingRepository);
  const document = await readRulesLayer(store, rules, places, { signal: project.signal });
  const { license, description } = document.rules;
  return {
    kind: 'tooling',
    name: toolingRepository,
    version,
    repository,
    digest,
    layerHash,
    license,
    description,
    dependencies: [],
  };
}

function targetName({ arch, platform }: LockedTarget): string {
  return `${arch}/${platform}`;
}
