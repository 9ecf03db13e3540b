import { pushBytes } from './content.js';
import { type Descriptor, emptyType, indexType, manifestType } from './descriptor.js';
import { OciError } from './errors.js';
import type { Target, TransferOptions } from './target.js';

/** What image manifests and indexes both say of themselves. */
interface Head {
  artifactType?: string | undefined;
  /** The manifest that this one refers to. */
  subject?: Descriptor | undefined;
  annotations?: Readonly<Record<string, string>> | undefined;
}

/** What an image manifest says; of what is undefined it says nothing. */
export interface ManifestParts extends Head {
  config?: Descriptor | undefined;
  layers?: readonly Descriptor[] | undefined;
}

/** What an image index says; of what is undefined it says nothing. */
export interface IndexParts extends Head {
  manifests: readonly Descriptor[];
}

/**
 * Writes and pushes an image manifest, and returns its descriptor; the target has its config and layers. Without a config
 * it is an artifact: the empty object is pushed, and stands for the config and, where there are no layers, for the one
 * layer that registries ask for (image-spec 1.1, manifest.md, "Guidelines for Artifact Usage"). Keys are sorted: the same
 * parts make the same bytes. Throws BUNNY_EMANIFEST for an artifact without a type, and as `Target.push`.
 */
export async function packManifest(
  target: Pick<Target, 'push'>,
  parts: ManifestParts,
  options?: TransferOptions,
): Promise<Descriptor> {
  const { artifactType, config, layers = [] } = parts;
  if (artifactType === undefined && (config === undefined || config.mediaType === emptyType)) {
    throw new OciError('BUNNY_EMANIFEST', 'a manifest without a config does not say what it is', {
      where: 'artifactType',
      hint: 'give it an artifactType',
    });
  }
  const isEmpty = config === undefined || layers.length === 0;
  const empty = isEmpty ? await pushBytes(target, emptyType, Buffer.from('{}'), {}, options) : undefined;
  const manifest = {
    ...parts,
    schemaVersion: 2,
    mediaType: manifestType,
    config: config ?? empty,
    layers: layers.length === 0 ? [empty] : layers,
  };
  return pushBytes(target, manifestType, Buffer.from(sortedJson(manifest)), {}, options);
}

/** The bytes of an image index; keys are sorted: the same parts make the same bytes. */
export function indexBytes(parts: IndexParts): Buffer {
  return Buffer.from(sortedJson({ ...parts, schemaVersion: 2, mediaType: indexType }));
}

/** Writes and pushes an image index whose manifests the target has, and returns its descriptor. Throws as `Target.push`. */
export function packIndex(
  target: Pick<Target, 'push'>,
  parts: IndexParts,
  options?: TransferOptions,
): Promise<Descriptor> {
  return pushBytes(target, indexType, indexBytes(parts), {}, options);
}

/** JSON without blanks, its keys in the order of their UTF-16 code units; of JSON values what RFC 8785 makes of them. */
function sortedJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(sortedJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const fields = Object.entries(value).filter(([, field]) => field !== undefined);
  fields.sort(([left], [right]) => (left < right ? -1 : 1));
  return `{${fields.map(([key, field]) => `${JSON.stringify(key)}:${sortedJson(field)}`).join(',')}}`;
}
