import {
  type Bases,
  contradiction,
  describeTooling,
  type PublishedTooling,
  readManifest,
  readRulesLayer,
  sameBase,
  unbound,
} from 'bunny-libos-namespace';
import { readBytes, type Store } from 'bunny-libos-oci';
import {
  BunnyError,
  type Bunnyfile,
  type Document,
  exitStatus,
  type Lock,
  type LockedTooling,
  toolingRepository,
} from 'bunny-libos-spec';
import semver from 'semver';
import { lockedToolingRules } from '../lock/locked-tooling.js';
import type { Admission } from './admission.js';

interface Place {
  store: Store;
  bases: Bases;
  framework: string;
  signal?: AbortSignal | undefined;
}

/** Versions of a framework's tooling layer under a base, newest first. Empty where there is none. */
export async function toolingVersions(place: Place, base: string): Promise<string[]> {
  const target = place.bases.repository(base, place.framework, toolingRepository);
  const tags = await target.tags(transferOf(place));
  return tags.filter((tag) => semver.valid(tag) === tag).sort(semver.rcompare);
}

/**
 * Reads a published tooling layer: manifest, image config and rules, each checked against the others.
 * Undefined where the version is not there; throws BUNNY_EMETADATA where they do not fit.
 */
export async function readTooling(
  place: Place,
  base: string,
  version: string,
): Promise<PublishedTooling | undefined> {
  const target = place.bases.repository(base, place.framework, toolingRepository);
  const transfer = transferOf(place);
  const where = `${target.name}:${version}`;
  const found = await target.fetchManifest(version, transfer);
  if (found === undefined) return undefined;
  const { descriptor } = found;
  const tooling = await describeTooling({
    framework: place.framework,
    from: base,
    descriptor,
    manifest: readManifest(found.bytes, descriptor.mediaType, where),
    where,
    readConfig: (config) => readBytes(target, config, undefined, transfer),
    readRules: (rules) => readRulesLayer(place.store, rules, [target], transfer),
  });
  if (tooling.locked.version !== version) throw contradiction(where);
  return tooling;
}

/** The newest tooling layer of a framework, on the first base that has one. Undefined where none has. */
export async function newestTooling(place: Place): Promise<PublishedTooling | undefined> {
  for (const base of place.bases.references) {
    place.bases.requireThere(base);
    const [newest] = await toolingVersions(place, base);
    const tooling = newest === undefined ? undefined : await readTooling(place, base, newest);
    if (tooling !== undefined) return tooling;
  }
  return undefined;
}

/**
 * The tooling layer for a Bunnyfile: that of the previous lock while it satisfies `platforms.version`
 * and need not be renewed, else the newest version in range on the base that the lock has it from, else
 * on the first base that has the framework. Throws BUNNY_ELOCKED where the lock and the rules that it pins do not
 * fit, BUNNY_EPOLICY where the policies refuse all of them, BUNNY_EVERSIONNOTFOUND, BUNNY_ENOTFOUND, BUNNY_EBINDING and what the registry throws.
 */
export async function chooseTooling(
  place: Omit<Place, 'framework'> & {
    bunnyfile: Document<Bunnyfile>;
    /** Path of the lock, for messages. */
    lockFile: string;
    previous: Lock | undefined;
    renew?: boolean | undefined;
    offline?: boolean | undefined;
    /** What may be chosen at all; anything where left out. */
    admission?: Pick<Admission, 'tooling' | 'compareToolings'> | undefined;
  },
): Promise<PublishedTooling> {
  const { bases, bunnyfile: document, previous } = place;
  const { framework, toolingVersion: range } = document.value;
  const before = previous?.targets[0]?.tooling;
  const renew = place.renew === true && !place.offline;
  if (before !== undefined && !renew && semver.satisfies(before.version, range)) {
    const refusal = await place.admission?.tooling(before);
    if (refusal !== undefined) throw refusal;
    return lockedToolingRules({ ...place, framework }, before);
  }
  const at = document.at(['platforms', 'version']);
  if (place.offline) {
    throw new BunnyError('BUNNY_EOFFLINE', `no tooling layer of ${framework} ${range} is locked yet`, {
      where: at,
      hint: 'run `bunny resolve` once without --offline',
      exitStatus: exitStatus.registry,
    });
  }
  const here: Place = { ...place, framework };
  for (const base of before === undefined ? bases.references : [await boundBase(here, before)]) {
    bases.requireThere(base);
    const versions = await toolingVersions(here, base);
    await place.admission?.compareToolings(base, versions);
    if (versions.length === 0) continue;
    const refusals: BunnyError[] = [];
    for (const version of versions.filter((each) => semver.satisfies(each, range)).sort(semver.rcompare)) {
      const tooling = await readTooling(here, base, version);
      if (tooling === undefined) break;
      const refusal = await place.admission?.tooling(tooling.locked);
      if (refusal === undefined) return tooling;
      refusals.push(refusal);
    }
    const [refusal] = refusals;
    if (refusal !== undefined) throw refusal;
    throw new BunnyError('BUNNY_EVERSIONNOTFOUND', `no tooling layer of ${framework} satisfies ${range}`, {
      where: at,
      hint: `there are ${versions.slice(0, 10).join(', ')} on ${base}`,
      exitStatus: exitStatus.unsatisfiable,
    });
  }
  throw new BunnyError('BUNNY_ENOTFOUND', `no registry has the framework ${framework}`, {
    where: document.at(['platforms', 'framework']),
    hint:
      bases.references.length === 0
        ? 'say where it is: --from REF, `registries` in the Bunnyfile, or BUNNY_REGISTRY'
        : `looked on ${bases.references.join(', ')}`,
    exitStatus: exitStatus.unsatisfiable,
  });
}

/** The base that a lock has the tooling layer from, or one that holds the very same. Throws BUNNY_EBINDING. */
async function boundBase(place: Place, { from, version, digest }: LockedTooling): Promise<string> {
  const { bases, framework } = place;
  const same = bases.references.find((base) => sameBase(bases, base, from));
  if (same !== undefined) return same;
  const others: string[] = [];
  for (const base of bases.references) {
    bases.requireThere(base);
    const found = await readTooling(place, base, version);
    if (found?.locked.digest === digest) return base;
    if (found !== undefined) others.push(base);
  }
  throw unbound(`the tooling layer of ${framework}`, from, others);
}

function transferOf(place: { signal?: AbortSignal | undefined }): { signal: AbortSignal | undefined } {
  return { signal: place.signal };
}
