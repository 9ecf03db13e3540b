import { readBytes, type Store } from '@bunny/oci';
import {
  BunnyError,
  type Bunnyfile,
  type Document,
  exitStatus,
  type Lock,
  type LockedTooling,
  type ToolingDocument,
} from '@bunny/spec';
import { findRulesLayer, readRulesLayer } from '@bunny/tooling';
import semver from 'semver';
import type { Bases } from './bases.js';
import { readManifest } from './manifest.js';
import { sameBase, unbound } from './registry-binding.js';

/** A published tooling layer: what a lock pins of it, and its rules. */
export interface PublishedTooling {
  locked: LockedTooling;
  document: ToolingDocument;
}

interface Place {
  store: Store;
  bases: Bases;
  framework: string;
  signal?: AbortSignal;
}

/** Versions of a framework's tooling layer under a base, newest first. Empty where there is none. */
export async function toolingVersions(place: Place, base: string): Promise<string[]> {
  const target = place.bases.repository(base, place.framework, 'tooling');
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
  const target = place.bases.repository(base, place.framework, 'tooling');
  const transfer = transferOf(place);
  const where = `${target.name}:${version}`;
  const found = await target.fetchManifest(version, transfer);
  if (found === undefined) return undefined;
  const manifest = readManifest(found.bytes, found.descriptor.mediaType, where);
  const diffIds = readDiffIds(await readBytes(target, manifest.config, undefined, transfer));
  const rules = findRulesLayer(manifest, where);
  const rulesAt = manifest.layers.indexOf(rules);
  const document = await readRulesLayer(
    place.store,
    { digest: rules.digest, size: rules.size },
    [target],
    transfer,
  );
  const rootfs = manifest.layers.flatMap((layer, index) =>
    index === rulesAt ? [] : [{ digest: layer.digest, size: layer.size, diffId: diffIds[index] ?? '' }],
  );
  const { identity } = document;
  const fits =
    identity.framework === place.framework &&
    identity.version === version &&
    diffIds.length === manifest.layers.length &&
    identity.rootfs.length === rootfs.length &&
    identity.rootfs.every((diffId, index) => diffId === rootfs[index]?.diffId);
  if (!fits) {
    throw new BunnyError('BUNNY_EMETADATA', 'this tooling image contradicts its rules', {
      where,
      hint: 'the registry was altered: do not use it; ask whoever publishes there',
      exitStatus: exitStatus.registry,
    });
  }
  return {
    locked: {
      version,
      layerHash: document.layerHash,
      digest: found.descriptor.digest,
      size: found.descriptor.size,
      rules: { digest: rules.digest, size: rules.size },
      rootfs,
      from: base,
    },
    document,
  };
}

/**
 * The tooling layer for a Bunnyfile: that of the previous lock while it satisfies `platforms.version`
 * and need not be renewed, else the newest version in range on the base that the lock has it from, else
 * on the first base that has the framework.
 */
export async function chooseTooling(
  place: Omit<Place, 'framework'> & {
    bunnyfile: Document<Bunnyfile>;
    previous: Lock | undefined;
    renew?: boolean;
    offline?: boolean;
  },
): Promise<PublishedTooling> {
  const { store, bases, bunnyfile: document, previous } = place;
  const { framework, toolingVersion: range } = document.value;
  const before = previous?.targets[0]?.tooling;
  const renew = place.renew === true && !place.offline;
  if (before !== undefined && !renew && semver.satisfies(before.version, range)) {
    const sources = place.offline ? [] : bases.sources(before.from, framework, 'tooling');
    return {
      locked: before,
      document: await readRulesLayer(store, before.rules, sources, transferOf(place)),
    };
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
    const versions = await toolingVersions(here, base);
    if (versions.length === 0) continue;
    const version = semver.maxSatisfying(versions, range);
    const tooling = version === null ? undefined : await readTooling(here, base, version);
    if (tooling !== undefined) return tooling;
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
    const found = await readTooling(place, base, version);
    if (found?.locked.digest === digest) return base;
    if (found !== undefined) others.push(base);
  }
  throw unbound(`the tooling layer of ${framework}`, from, others);
}

function readDiffIds(bytes: Uint8Array): string[] {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return [];
  }
  const ids = (value as { rootfs?: { diff_ids?: unknown } } | null)?.rootfs?.diff_ids;
  return Array.isArray(ids) && ids.every((id) => typeof id === 'string') ? ids : [];
}

function transferOf(place: { signal?: AbortSignal }): { signal?: AbortSignal } {
  return place.signal === undefined ? {} : { signal: place.signal };
}
