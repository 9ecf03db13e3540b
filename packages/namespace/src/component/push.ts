import {
  type Descriptor,
  manifestType,
  packArchive,
  packManifest,
  pushBytes,
  type Target,
  type TransferOptions,
} from 'bunny-libos-oci';
import {
  annotations,
  type ComponentConfig,
  canonicalJson,
  mediaTypes,
  present,
  variantTag,
} from 'bunny-libos-spec';
import { tagOnce } from '../manifest/tag-once.js';
import { attachText } from './attached-texts.js';
import { deviationsOf, type Variant, variantAnnotations } from './variant.js';

/** Config of up to this size (bytes) is inlined in the manifest, so that one request tells all. */
const inlineLimit = 32 * 1024;

/** One file of a component layer. */
export interface LayerFile {
  /** `objects/…`, `include/…`, `scripts/default/…`, `scripts/extra/…`, `files/…`, `root/…` */
  path: string;
  content: Uint8Array;
  /** Whether it can be run; it cannot where left out. */
  mode?: number | undefined;
}

export interface PushVariantOptions extends TransferOptions {
  /** Why it may lack symbols of a version that it is compatible with by its number. */
  breaking?: string | undefined;
  /** The description of its types, which is attached to it. */
  types?: Uint8Array | undefined;
}

/**
 * Pushes a variant: layer, config, what is attached, then the manifest under the variant's own tag. Until the tag is there
 * nothing refers to the rest, so a run that is cut off leaves no half of a variant.
 */
export async function pushVariant(
  target: Target,
  config: ComponentConfig,
  files: readonly LayerFile[],
  { breaking, types, ...options }: PushVariantOptions = {},
): Promise<Variant> {
  const archive = await packArchive(files.map(({ path, content, mode }) => ({ path, content, mode })));
  const layer = await pushBytes(target, mediaTypes.componentLayer, archive.bytes, {}, options);
  const configBytes = Buffer.from(canonicalJson(config));
  const configDescriptor = await pushBytes(target, mediaTypes.componentConfig, configBytes, {}, options);
  const { identity, layerHash, abi } = config;
  const descriptor = await packManifest(
    target,
    {
      artifactType: mediaTypes.component,
      config:
        configBytes.length <= inlineLimit
          ? { ...configDescriptor, data: configBytes.toString('base64') }
          : configDescriptor,
      layers: [layer],
      annotations: present({
        [annotations.layerHash]: layerHash,
        [annotations.breaking]: breaking,
        'org.opencontainers.image.title': `${identity.framework}/${identity.name}`,
        'org.opencontainers.image.version': identity.version,
        'org.opencontainers.image.description': config.description,
        'org.opencontainers.image.licenses': config.license,
      }),
    },
    options,
  );
  // Before the tag: whoever finds a variant does not attach to it what another publisher left out.
  if (types !== undefined) await attachText(target, descriptor, mediaTypes.types, types, options);
  await tagOnce(target, descriptor, variantTag(identity.version, layerHash), options);
  return {
    identity,
    layerHash,
    abi,
    deviations: deviationsOf(identity.options, config.declares),
    manifest: { digest: descriptor.digest, size: descriptor.size },
    layer: { digest: layer.digest, size: layer.size },
  };
}

/** The entry of a variant in the index of its version. */
export function indexEntry(variant: Variant): Descriptor {
  return {
    mediaType: manifestType,
    digest: variant.manifest.digest,
    size: variant.manifest.size,
    artifactType: mediaTypes.component,
    annotations: variantAnnotations(variant),
  };
}
