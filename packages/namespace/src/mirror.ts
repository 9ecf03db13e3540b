import { copy, Pool, type Store } from 'bunny-libos-oci';
import { BunnyError, byText, exitStatus, type Lock, toolingRepository, variantTag } from 'bunny-libos-spec';
import { updateCatalogEntry } from './catalog/update.js';
import { versionOfStatementTag } from './component/statements.js';
import { updateVersionIndex } from './component/version-index.js';
import type { Bases } from './source/bases.js';
import type { TransferObserver } from './source/transfer-observer.js';
import { matches, type TargetFilter } from './target-filter.js';

/** Artifacts that are copied at the same time; each moves several blobs at once. */
const concurrency = 4;

/** One artifact of a lock: a variant, or the tooling layer. */
export interface MirrorItem {
  /** Its repository below the framework: the component's name, or `tooling`. */
  name: string;
  version: string;
  /** The tag that it is published under. */
  tag: string;
  /** Of the manifest. */
  digest: string;
  /** Of what the lock pins of it: manifest and layers. Bytes. */
  size: number;
  /** Base reference that the lock has it from. */
  from: string;
}

export interface MirrorOptions {
  /** Base reference to copy to. */
  to: string;
  /** Where content is read: what the lock names, mirrors, and others. */
  sources: Bases;
  /** Has `to` for its base. */
  destination: Bases;
  store: Store;
  signal?: AbortSignal | undefined;
  observer?: TransferObserver | undefined;
  /** Called with a line for the user for each thing that is passed over. */
  onNotice?: ((text: string) => void) | undefined;
}

export interface Mirrored {
  item: MirrorItem;
  /** Manifests and blobs that were copied; 0 where the destination had it all. */
  copied: number;
  /** Bytes of them. */
  bytes: number;
}

/** Everything that the targets of a lock pin, each once, sorted by name and version. */
export function planMirror(lock: Lock, filter: TargetFilter): MirrorItem[] {
  const items = new Map<string, MirrorItem>();
  for (const { tooling, components } of lock.targets.filter((target) => matches(filter, target))) {
    const { version, digest, from } = tooling;
    const size = [tooling, tooling.rules, ...tooling.rootfs].reduce((sum, blob) => sum + blob.size, 0);
    items.set(digest, { name: toolingRepository, version, tag: version, digest, size, from });
    for (const component of components) {
      items.set(component.digest, {
        name: component.name,
        version: component.version,
        tag: variantTag(component.version, component.layerHash),
        digest: component.digest,
        size: component.size + component.layer.size,
        from: component.from,
      });
    }
  }
  return [...items.values()].sort(byText(orderOf));
}

function orderOf({ name, tag }: MirrorItem): string {
  return `${name}\n${tag}`;
}

/**
 * Copies what a lock pins to another base, with the signatures and other artifacts that refer to it, under
 * the same tags; then brings the indexes and the catalog there up to date with it. A tag comes after all that
 * hangs on it, and what the destination has is left alone, so that an interrupted copy continues.
 * Throws BUNNY_ENOTFOUND where a source is an image layout that is not there, BUNNY_EPUBLISHED where a tag of the destination names something else, and what the registries throw.
 */
export async function mirrorClosure(
  framework: string,
  items: readonly MirrorItem[],
  options: MirrorOptions,
): Promise<Mirrored[]> {
  const { sources } = options;
  const named = sources.references.length > 0 ? sources.references : items.map(({ from }) => from);
  for (const source of new Set(named)) sources.requireThere(source);
  const pool = new Pool(concurrency);
  const copies = await Promise.allSettled(
    items.map((item) => pool.run(() => mirrorItem(framework, item, options))),
  );
  const mirrored = copies.map((result) => {
    if (result.status === 'rejected') throw result.reason;
    return result.value;
  });
  await mirrorStatements(framework, items, options);
  await updateDerived(framework, items, options);
  return mirrored;
}

async function mirrorItem(framework: string, item: MirrorItem, options: MirrorOptions): Promise<Mirrored> {
  const { sources, destination, to, signal, observer } = options;
  const target = destination.repository(to, framework, item.name);
  const transfer = { signal };
  const present = await target.resolve(item.tag, transfer);
  if (present !== undefined && present.digest !== item.digest) {
    throw new BunnyError(
      'BUNNY_EPUBLISHED',
      `${item.name} ${item.version} is there already, and is another one`,
      {
        where: `${target.name}:${item.tag}`,
        details: [`there   ${present.digest}`, `locked  ${item.digest}`],
        hint: 'a published version never changes meaning: copy to another namespace',
        exitStatus: exitStatus.unsatisfiable,
      },
    );
  }
  const mirrored: Mirrored = { item, copied: 0, bytes: 0 };
  const watch = observer?.begin({ size: item.size }, target.name);
  try {
    await copy(sources.anySource(item.from, framework, item.name), target, item.digest, {
      ...transfer,
      referrers: true,
      tags: present === undefined ? [item.tag] : [],
      onContent: (descriptor, copied) => {
        if (!copied) return;
        mirrored.copied += 1;
        mirrored.bytes += descriptor.size;
      },
      onBytes: (bytes) => watch?.moved(bytes),
      onNotice: options.onNotice,
    });
  } finally {
    watch?.end();
  }
  return mirrored;
}

/** Copies the signed statements about the versions that were copied; the index there takes them in. */
async function mirrorStatements(
  framework: string,
  items: readonly MirrorItem[],
  { sources, destination, to, signal, onNotice }: MirrorOptions,
): Promise<void> {
  const pool = new Pool(concurrency);
  const components = items.filter(({ name }) => name !== toolingRepository);
  const repositories = new Map(components.map(({ name, from }) => [`${name} ${from}`, { name, from }]));
  await Promise.all(
    [...repositories.values()].map(({ name, from }) =>
      pool.run(async () => {
        const versions = new Set(
          components.flatMap((each) => (each.name === name && each.from === from ? [each.version] : [])),
        );
        const source = sources.anySource(from, framework, name);
        const target = destination.repository(to, framework, name);
        const there = new Set(await target.tags({ signal }));
        for (const tag of await source.tags({ signal })) {
          const version = versionOfStatementTag(tag);
          if (version === undefined || !versions.has(version) || there.has(tag)) continue;
          await copy(source, target, tag, { signal, tags: [tag], onNotice });
        }
      }),
    ),
  );
}

/** Indexes and catalog are derived from the variants that are there, so they are made there, not copied. */
async function updateDerived(
  framework: string,
  items: readonly MirrorItem[],
  { destination, to, store, signal }: MirrorOptions,
): Promise<void> {
  const transfer = { signal };
  const pool = new Pool(concurrency);
  const components = items.filter(({ name }) => name !== toolingRepository);
  const versions = new Map(components.map(({ name, version }) => [`${name} ${version}`, { name, version }]));
  await Promise.all(
    [...versions.values()].map(({ name, version }) =>
      pool.run(() => updateVersionIndex(destination.repository(to, framework, name), version, [], transfer)),
    ),
  );
  const place = { framework, to, bases: destination, store, ...transfer };
  const names = new Set(components.map(({ name }) => name));
  await Promise.all([...names].map((name) => pool.run(() => updateCatalogEntry(place, name))));
}
