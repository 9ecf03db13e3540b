import type { Descriptor, Manifest } from 'bunny-libos-oci';
import {
  annotations,
  BunnyError,
  type ComponentConfig,
  type ComponentIdentity,
  canonicalJson,
  exitStatus,
  type LockedBlob,
  mediaTypes,
  type Options,
  readComponentIdentity,
} from 'bunny-libos-spec';

/** What a registry says of one variant, verified against its layer hash. */
export interface Variant {
  identity: ComponentIdentity;
  layerHash: string;
  /** ABI name of the tooling layer that compiled it. */
  abi: string;
  /** How many of its options differ from their defaults. */
  deviations: number;
  manifest: LockedBlob;
  /** The layer with the objects. */
  layer: LockedBlob;
}

/** A variant with the base reference (`host/namespace`, image layout) that it was found under. */
export interface FoundVariant extends Variant {
  from: string;
}

/** The annotations that let an index entry stand for the whole metadata of a variant. */
export function variantAnnotations(variant: Omit<Variant, 'manifest'>): Record<string, string> {
  return {
    [annotations.abi]: variant.abi,
    [annotations.deviations]: String(variant.deviations),
    [annotations.identity]: canonicalJson(variant.identity),
    [annotations.layer]: canonicalJson({ digest: variant.layer.digest, size: variant.layer.size }),
    [annotations.layerHash]: variant.layerHash,
  };
}

/**
 * Reads an entry of a version's index. Undefined where the annotations are missing: the reader then
 * asks the manifest itself. Throws BUNNY_EMETADATA where they contradict the layer hash.
 */
export function variantOfIndexEntry(entry: Descriptor, where: string): Variant | undefined {
  const notes = entry.annotations ?? {};
  const identityText = notes[annotations.identity];
  const layerText = notes[annotations.layer];
  const abi = notes[annotations.abi];
  const hash = notes[annotations.layerHash];
  const isWhole = identityText !== undefined && layerText !== undefined && abi !== undefined;
  if (!isWhole || hash === undefined) return undefined;
  const identity = readComponentIdentity(identityText, hash, where);
  return {
    identity,
    layerHash: hash,
    abi,
    deviations: Number.parseInt(notes[annotations.deviations] ?? '0', 10) || 0,
    manifest: { digest: entry.digest, size: entry.size },
    layer: readBlob(layerText, where),
  };
}

/** Reads a variant from its manifest and config. Throws BUNNY_EMETADATA where the manifest is not that of a component. */
export function variantOfManifest(
  descriptor: Descriptor,
  manifest: Manifest,
  config: ComponentConfig,
  where: string,
): Variant {
  const layer = manifest.layers.find((each) => each.mediaType === mediaTypes.componentLayer);
  if (manifest.artifactType !== mediaTypes.component || layer === undefined) {
    throw new BunnyError('BUNNY_EMETADATA', 'this is not a component layer', {
      where,
      hint: 'another tool pushed to this tag; remove it or publish under another namespace',
      exitStatus: exitStatus.registry,
    });
  }
  return {
    identity: config.identity,
    layerHash: config.layerHash,
    abi: config.abi,
    deviations: deviationsOf(config.identity.options, config.declares),
    manifest: { digest: descriptor.digest, size: descriptor.size },
    layer: { digest: layer.digest, size: layer.size },
  };
}

/** How many options of a variant differ from what the component declares as their default. */
export function deviationsOf(options: Options, declared: ComponentConfig['declares']): number {
  return Object.entries(options).filter(([name, value]) => declared[name]?.default !== value).length;
}

function readBlob(text: string, where: string): LockedBlob {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw noBlob(where, cause);
  }
  const { digest, size } = (value ?? {}) as { digest?: unknown; size?: unknown };
  const isDigest = typeof digest === 'string' && /^sha256:[0-9a-f]{64}$/.test(digest);
  if (!isDigest || typeof size !== 'number' || !Number.isSafeInteger(size)) throw noBlob(where);
  return { digest, size };
}

function noBlob(where: string, cause?: unknown): BunnyError {
  return new BunnyError('BUNNY_EMETADATA', `the annotation ${annotations.layer} names no blob`, {
    where,
    cause,
    hint: 'run `bunny index rebuild` on the component',
    exitStatus: exitStatus.registry,
  });
}
