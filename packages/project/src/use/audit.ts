import { ComponentRepository, MetadataCache } from 'bunny-libos-namespace';
import { joinReference, Pool } from 'bunny-libos-oci';
import { targetLabel } from 'bunny-libos-resolver';
import { byText, type LockedComponent } from 'bunny-libos-spec';
import { type Advisory, affects, canonicalRepository } from 'bunny-libos-trust';
import { componentsOf } from './bill.js';
import type { ClosureSource } from './closures.js';

/** Something that is wrong with a component that a lock pins. */
export interface Finding {
  name: string;
  version: string;
  kind: 'advisory' | 'yanked' | 'deprecated';
  /** Of the advisory. */
  id?: string | undefined;
  aliases?: readonly string[] | undefined;
  severity?: readonly string[] | undefined;
  /** What the advisory, or who deprecated it, says. */
  summary?: string | undefined;
  /** The sources of others that it is about: `zlib 1.2.11`. */
  source?: string | undefined;
  /** The first version without it. */
  fixed?: string | undefined;
  /** `arch/platform` */
  targets: string[];
}

type Source = Pick<ClosureSource, 'request' | 'target'>;
type Found = Omit<Finding, 'targets'>;

/** Repositories that are asked at the same time. */
const concurrency = 8;

/**
 * What is wrong with what these closures pin: advisories about the components or about the sources that they were made from, and
 * what was yanked or deprecated since. A request each for the tags, and for the manifests where there are advisories. Throws
 * what the registries throw.
 */
export async function auditClosures(
  closures: readonly Source[],
  advisories: readonly Advisory[],
): Promise<{ findings: Finding[]; components: number }> {
  const findings = new Map<string, Finding>();
  const components = new Set<string>();
  const pool = new Pool(concurrency);
  for (const source of closures) {
    const label = targetLabel(source.target);
    for (const { digest } of source.target.components) components.add(digest);
    const withdrawn = source.target.components.map((each) => pool.run(() => marksOf(source, each)));
    const found = [
      ...(await Promise.all(withdrawn)).flat(),
      ...(advisories.length === 0 ? [] : await advised(source, advisories)),
    ];
    for (const each of found) {
      const key = JSON.stringify([each.name, each.version, each.kind, each.id, each.source]);
      const known = findings.get(key) ?? { ...each, targets: [] };
      known.targets.push(label);
      findings.set(key, known);
    }
  }
  const order = ({ name, version, id = '' }: Finding) => `${name}\n${version}\n${id}`;
  return { findings: [...findings.values()].sort(byText(order)), components: components.size };
}

/** Whether a version was yanked or deprecated, as the registry that it is from says now. */
async function marksOf({ request }: Source, { name, version, from }: LockedComponent): Promise<Found[]> {
  const { project, store, bases, wishes } = request;
  const { framework, signal } = project;
  const options = { cache: MetadataCache.of(store), offline: wishes.offline, signal };
  const target = bases.repository(from, framework, name);
  const repository = await ComponentRepository.open(target, { framework, name }, options);
  const reason = await repository.deprecation(version);
  await repository.save();
  return [
    ...(repository.isYanked(version) ? [{ name, version, kind: 'yanked' } as const] : []),
    ...(reason === undefined ? [] : [{ name, version, kind: 'deprecated', summary: reason } as const]),
  ];
}

async function advised(source: Source, advisories: readonly Advisory[]): Promise<Found[]> {
  const { framework } = source.request.project;
  const found: Found[] = [];
  for (const { component, config } of await componentsOf(source)) {
    const { name, version, from } = component;
    const repository = canonicalRepository(joinReference(from, `${framework}/${name}`));
    const names = [`${framework}/${name}`, repository];
    for (const advisory of advisories) {
      const { id, aliases, severity, summary } = advisory;
      const told = { name, version, kind: 'advisory', id, aliases, severity, summary } as const;
      const own = affects(advisory, { version, names });
      if (own !== undefined) found.push({ ...told, fixed: own.fixed });
      for (const { name: of, version: at, purl, url } of config.upstream ?? []) {
        if (at === undefined || affects(advisory, { version: at, names: [], purl, url }) === undefined)
          continue;
        found.push({ ...told, source: `${of} ${at}` });
      }
    }
  }
  return found;
}
