import { validate } from '#validators/lock';
import type { Document } from './document.js';
import { refuseLarge } from './document.js';
import { BunnyError, type Position } from './errors.js';
import { jsonFault } from './json-fault.js';
import type { Lock, LockedBlob, LockedComponent, LockedTarget, LockedTooling } from './lock.js';
import { mergeMarkLine } from './merge-marks.js';
import { documentError } from './problem.js';
import { schemaProblems } from './schema-problems.js';
import { byCodeUnit, byText } from './text-order.js';
import { readYamlSource, type YamlSource } from './yaml-source.js';

type Places = Pick<YamlSource, 'at' | 'keyAt'>;

/** Bytes of a lock. A target with 1,000 components takes about 1 MiB. */
export const largestLock = 64 * 1024 * 1024;
/** Characters of a lock that is searched for places: finding them takes seconds for each MiB. */
const largestPlaced = 4 * 1024 * 1024;
const rewrite = 'remove it, then run `bunny resolve` to write it anew';

/**
 * Reads `bunny.lock`. Positions are only worked out when they are asked for: every build reads the lock.
 * Throws BUNNY_ELOCKCONFLICT where a merge left its marks, BUNNY_EJSON, BUNNY_EUNKNOWNKEY, BUNNY_ETYPE,
 * BUNNY_ENAME, BUNNY_ETOOLARGE.
 */
export function readLock(text: string, file: string): Document<Lock> {
  refuseLarge(Buffer.byteLength(text), largestLock, { file });
  const value = parse(text, file);
  let found: Places | undefined;
  const places = () => {
    found ??= findPlaces(text, file);
    return found;
  };
  if (!validate(value)) {
    const problems = schemaProblems(validate.errors ?? []);
    throw documentError(
      problems.map(({ path, onKey, ...problem }) => ({
        hint: rewrite,
        ...problem,
        where: onKey ? places().keyAt(path) : places().at(path),
      })),
    );
  }
  return {
    value: value as unknown as Lock,
    at: (path) => places().at(path),
    keyAt: (path) => places().keyAt(path),
  };
}

/** JSON is YAML, save for oddities such as a key twice; then, and where the lock is huge, the file has to do as a place. */
function findPlaces(text: string, file: string): Places {
  const nowhere = { at: () => ({ file }), keyAt: () => ({ file }) };
  if (text.length > largestPlaced) return nowhere;
  try {
    return readYamlSource(text, file);
  } catch (error) {
    if (error instanceof BunnyError) return nowhere;
    throw error;
  }
}

function parse(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const line = mergeMarkLine(text);
    if (line !== undefined) {
      throw new BunnyError('BUNNY_ELOCKCONFLICT', 'a merge left its marks in the lock', {
        where: { file, line, column: 1 },
        hint: 'run `bunny resolve`: it keeps what both sides agree on, and writes the rest anew',
      });
    }
    throw new BunnyError('BUNNY_EJSON', 'the lock is not a JSON document', {
      where: placeOf(jsonFault(text) ?? 0, text, file),
      cause,
      hint: rewrite,
    });
  }
}

function placeOf(offset: number, text: string, file: string): Position {
  const before = text.slice(0, offset).split('\n');
  return { file, line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

/** The text of a lock: one order, whatever the order in memory, so that equal locks are equal bytes and diffs are small. */
export function writeLock(lock: Lock): string {
  const ordered: Lock = {
    schema: lock.schema,
    framework: lock.framework,
    request: lock.request,
    targets: lock.targets
      .map(orderedTarget)
      .sort((a, b) => byCodeUnit(a.arch, b.arch) || byCodeUnit(a.platform, b.platform)),
  };
  return `${JSON.stringify(ordered, null, 2)}\n`;
}

function orderedTarget({ arch, platform, settings, tooling, components }: LockedTarget): LockedTarget {
  return {
    arch,
    platform,
    settings: sortedKeys(settings),
    tooling: orderedTooling(tooling),
    components: components.map(orderedComponent).sort((a, b) => byCodeUnit(a.name, b.name)),
  };
}

function orderedTooling(tooling: LockedTooling): LockedTooling {
  const { version, layerHash, digest, size, rules, rootfs, from } = tooling;
  return {
    version,
    from,
    layerHash,
    digest,
    size,
    rules: orderedBlob(rules),
    rootfs: rootfs.map((layer) => ({ ...orderedBlob(layer), diffId: layer.diffId })),
  };
}

function orderedComponent(component: LockedComponent): LockedComponent {
  const { name, version, layerHash, digest, size, layer, from, options, dependencies } = component;
  return {
    name,
    version,
    from,
    options: sortedKeys(options),
    dependencies: dependencies.toSorted(byCodeUnit),
    layerHash,
    digest,
    size,
    layer: orderedBlob(layer),
  };
}

function orderedBlob({ digest, size }: LockedBlob): LockedBlob {
  return { digest, size };
}

function sortedKeys<T>(map: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(map).sort(byText(([key]) => key)));
}

/** By code unit: the same order under every locale. */
