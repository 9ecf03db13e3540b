import {
  makeRootfs,
  planRootfs,
  type RootfsLayer,
  type RootfsOptions,
  rulesPath,
  type TransferObserver,
  tagOnce,
  toolingIdentity,
} from 'bunny-libos-namespace';
import {
  imageConfigType,
  imageLayerGzipType,
  manifestType,
  packArchive,
  pushBytes,
  type Store,
  type Target,
  type TransferOptions,
} from 'bunny-libos-oci';
import {
  annotations,
  canonicalJson,
  layerHash,
  mediaTypes,
  type Tooling,
  type ToolingDocument,
  type ToolingRules,
} from 'bunny-libos-spec';
import { checkRules } from 'bunny-libos-tooling';
import type { LocalTooling } from '../plan/component-directory.js';

/** A tooling layer that is ready to be pushed. */
export interface PreparedTooling {
  document: ToolingDocument;
  rootfs: readonly RootfsLayer[];
}

/** A tooling layer as it is described on disk. */
export interface PlannedTooling {
  rules: ToolingRules;
  /** Undefined where only making the root filesystem will tell the layer hash. */
  document: ToolingDocument | undefined;
  /** Makes the root filesystem, or finds it made. Throws BUNNY_EROOTFS, BUNNY_ECOMMANDS. */
  make: () => Promise<PreparedTooling>;
}

/**
 * Plans a tooling layer: reads the directories of its root filesystem, and runs and packs nothing. Throws BUNNY_ETEMPLATE,
 * BUNNY_ERULES, BUNNY_EROOTFS, BUNNY_EPATH.
 */
export async function planTooling(
  { document, directory }: LocalTooling,
  store: Store,
  options: Pick<RootfsOptions, 'network' | 'allowCommands' | 'signal' | 'onLine'>,
): Promise<PlannedTooling> {
  const rules = rulesOf(document.value);
  checkRules(rules, (path) => document.at([...path]));
  const parts = await planRootfs(document.value, {
    ...options,
    directory,
    cache: store.directory,
    at: (path) => document.at([...path]),
  });
  const diffIds = parts.flatMap(({ diffId }) => diffId ?? []);
  return {
    rules,
    document: diffIds.length === parts.length ? toolingDocument(rules, diffIds) : undefined,
    make: async () => {
      const rootfs = await makeRootfs(parts);
      const document = toolingDocument(
        rules,
        rootfs.map(({ diffId }) => diffId),
      );
      return { document, rootfs };
    },
  };
}

function toolingDocument(rules: ToolingRules, diffIds: readonly string[]): ToolingDocument {
  const identity = toolingIdentity(rules, [...diffIds]);
  return {
    schema: 'https://bunny-libos.github.io/schema/tooling/v1',
    identity,
    layerHash: layerHash(identity),
    rules,
  };
}

/** Unpacks a prepared tooling layer, as a user of the published one would. Returns its root directory. */
export function openPrepared(prepared: PreparedTooling, store: Store, signal?: AbortSignal): Promise<string> {
  const source = {
    name: `${prepared.document.rules.framework} tooling, as made here`,
    fetch: ({ digest }: { digest: string }) => {
      const layer = prepared.rootfs.find((each) => each.descriptor.digest === digest);
      if (layer === undefined) throw new Error(`no layer ${digest}`);
      return contentOf(layer);
    },
  };
  const descriptors = prepared.rootfs.map(({ descriptor }) => descriptor);
  return store.unpackedImage(descriptors, [source], { signal });
}

/**
 * Pushes a tooling layer: an ordinary OCI image whose last layer holds the rules, tagged with its version.
 * The tag comes last, so that a run that is cut off leaves no half of it.
 */
export async function pushTooling(
  target: Target,
  prepared: PreparedTooling,
  { observer, ...options }: TransferOptions & { observer?: TransferObserver | undefined } = {},
): Promise<void> {
  const { document, rootfs } = prepared;
  for (const { descriptor, content } of rootfs) {
    const transfer = observer?.begin(descriptor, target.name);
    await target
      .push(descriptor, content, { ...options, onBytes: (bytes) => transfer?.moved(bytes) })
      .finally(() => transfer?.end());
  }
  const archive = await packArchive([{ path: rulesPath, content: Buffer.from(canonicalJson(document)) }]);
  const rules = await pushBytes(target, imageLayerGzipType, archive.bytes, {}, options);
  const config = {
    architecture: hostArchitecture(),
    os: 'linux',
    config: { Env: ['PATH=/usr/bin:/bin'], Cmd: ['sh'] },
    rootfs: { type: 'layers', diff_ids: [...rootfs.map(({ diffId }) => diffId), archive.diffId] },
  };
  const configDescriptor = await pushBytes(
    target,
    imageConfigType,
    Buffer.from(canonicalJson(config)),
    {},
    options,
  );
  const manifest = {
    schemaVersion: 2,
    mediaType: manifestType,
    artifactType: mediaTypes.tooling,
    config: configDescriptor,
    layers: [
      ...rootfs.map(({ descriptor }) => descriptor),
      { ...rules, annotations: { [annotations.toolingRules]: document.layerHash } },
    ],
    annotations: {
      [annotations.layerHash]: document.layerHash,
      'org.opencontainers.image.title': `${document.rules.framework}/tooling`,
      'org.opencontainers.image.version': document.rules.version,
    },
  };
  const descriptor = await pushBytes(target, manifestType, Buffer.from(canonicalJson(manifest)), {}, options);
  await tagOnce(target, descriptor, document.rules.version, options);
}

function rulesOf({ rootfs: _, overlay: _overlay, ...rules }: Tooling): ToolingRules {
  return rules;
}

function contentOf({ content }: RootfsLayer): AsyncIterable<Uint8Array> {
  return content instanceof Uint8Array
    ? (async function* () {
        yield content;
      })()
    : content();
}

/** The architecture that the programs of the root filesystem run on, as OCI names it. */
function hostArchitecture(): string {
  return process.arch === 'x64' ? 'amd64' : process.arch;
}
