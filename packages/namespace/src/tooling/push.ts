import {
  imageConfigType,
  imageLayerGzipType,
  packArchive,
  packManifest,
  pushBytes,
  type Target,
  type TransferOptions,
} from 'bunny-libos-oci';
import {
  annotations,
  canonicalJson,
  type LockedTooling,
  layerHash,
  mediaTypes,
  type ToolingDocument,
  type ToolingRules,
} from 'bunny-libos-spec';
import { tagOnce } from '../manifest/tag-once.js';
import type { TransferObserver } from '../source/transfer-observer.js';
import type { RootfsLayer } from './rootfs-layer.js';
import { rulesPath } from './rules-layer.js';
import { toolingIdentity } from './tooling-layer.js';

/** A tooling layer that is ready to be pushed. */
export interface PreparedTooling {
  document: ToolingDocument;
  rootfs: readonly RootfsLayer[];
}

/** What is published of rules and the layers (`diffIds`, bottom first) of a root filesystem. */
export function toolingDocument(rules: ToolingRules, diffIds: readonly string[]): ToolingDocument {
  const identity = toolingIdentity(rules, [...diffIds]);
  return {
    schema: 'https://bunny-libos.github.io/schema/tooling/v1',
    identity,
    layerHash: layerHash(identity),
    rules,
  };
}

/**
 * Pushes a tooling layer: an ordinary OCI image whose last layer holds the rules, tagged with its version.
 * The tag comes last, so that a run that is cut off leaves no half of it. Returns what a lock pins of it.
 */
export async function pushTooling(
  target: Target,
  prepared: PreparedTooling,
  { observer, ...options }: TransferOptions & { observer?: TransferObserver | undefined } = {},
): Promise<Omit<LockedTooling, 'from'>> {
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
  const descriptor = await packManifest(
    target,
    {
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
    },
    options,
  );
  await tagOnce(target, descriptor, document.rules.version, options);
  return {
    version: document.rules.version,
    layerHash: document.layerHash,
    digest: descriptor.digest,
    size: descriptor.size,
    rules: { digest: rules.digest, size: rules.size },
    rootfs: rootfs.map(({ descriptor: { digest, size }, diffId }) => ({ digest, size, diffId })),
  };
}

/** The architecture that the programs of the root filesystem run on, as OCI names it. */
function hostArchitecture(): string {
  return process.arch === 'x64' ? 'amd64' : process.arch;
}
