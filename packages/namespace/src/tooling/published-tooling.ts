import { type Descriptor, type Manifest, readDiffIds } from 'bunny-libos-oci';
import { BunnyError, exitStatus, type LockedTooling, type ToolingDocument } from 'bunny-libos-spec';
import { findRulesLayer } from './rules-layer.js';

/** A published tooling layer: what a lock pins of it, and its rules. */
export interface PublishedTooling {
  locked: LockedTooling;
  document: ToolingDocument;
}

/** A manifest that should be that of a tooling layer, and how what it names is read. */
export interface ToolingManifest {
  framework: string;
  /** Base reference that it is under. */
  from: string;
  descriptor: Descriptor;
  manifest: Manifest;
  /** Its reference, for messages. */
  where: string;
  readConfig: (config: Descriptor) => Promise<Uint8Array>;
  readRules: (rules: { digest: string; size: number }) => Promise<ToolingDocument>;
}

/**
 * A tooling layer as its manifest, image config and rules describe it, each checked against the others. Throws
 * BUNNY_EMETADATA where they do not fit, and what reading throws.
 */
export async function describeTooling(source: ToolingManifest): Promise<PublishedTooling> {
  const { framework, from, descriptor, manifest, where } = source;
  const { digest, size } = findRulesLayer(manifest, where);
  const diffIds = readDiffIds(await source.readConfig(manifest.config), manifest, where);
  if (diffIds === undefined) throw contradiction(where);
  const rules = { digest, size };
  const rulesAt = manifest.layers.findIndex((layer) => layer.digest === digest);
  const document = await source.readRules(rules);
  const rootfs = manifest.layers.flatMap((layer, index) =>
    index === rulesAt ? [] : [{ digest: layer.digest, size: layer.size, diffId: diffIds[index] ?? '' }],
  );
  const { identity, layerHash } = document;
  const fits =
    identity.framework === framework &&
    identity.rootfs.length === rootfs.length &&
    identity.rootfs.every((diffId, index) => diffId === rootfs[index]?.diffId);
  if (!fits) throw contradiction(where);
  return {
    locked: {
      version: identity.version,
      layerHash,
      digest: descriptor.digest,
      size: descriptor.size,
      rules,
      rootfs,
      from,
    },
    document,
  };
}

/** The error for a tooling image whose parts say different things. */
export function contradiction(where: string): BunnyError {
  return new BunnyError('BUNNY_EMETADATA', 'this tooling image contradicts its rules', {
    where,
    hint: 'the registry was tampered with: do not use it; ask whoever publishes there',
    exitStatus: exitStatus.registry,
  });
}
