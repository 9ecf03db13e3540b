/** What content has to be, whatever its kind. */
export interface ContentIdentity {
  /** `sha256:<64 hex>` (sha512 is read too). */
  digest: string;
  /** Bytes. */
  size: number;
}

/** A content descriptor (OCI image-spec 1.1, descriptor.md). */
export interface Descriptor extends ContentIdentity {
  mediaType: string;
  artifactType?: string;
  annotations?: Record<string, string>;
  /** The content itself, base64, for small content. */
  data?: string;
  urls?: string[];
  platform?: { architecture: string; os: string; variant?: string; 'os.version'?: string };
}

/** An image manifest (image-spec 1.1, manifest.md). */
export interface Manifest {
  schemaVersion: 2;
  mediaType: typeof manifestType;
  artifactType?: string;
  config: Descriptor;
  layers: Descriptor[];
  subject?: Descriptor;
  annotations?: Record<string, string>;
}

/** An image index (image-spec 1.1, image-index.md). */
export interface Index {
  schemaVersion: 2;
  mediaType: typeof indexType;
  artifactType?: string;
  manifests: Descriptor[];
  subject?: Descriptor;
  annotations?: Record<string, string>;
}

export const manifestType = 'application/vnd.oci.image.manifest.v1+json';
export const indexType = 'application/vnd.oci.image.index.v1+json';
export const imageConfigType = 'application/vnd.oci.image.config.v1+json';
export const imageLayerGzipType = 'application/vnd.oci.image.layer.v1.tar+gzip';
export const emptyType = 'application/vnd.oci.empty.v1+json';

/**
 * Whether a layer may not be distributed and stays where its `urls` lead (image-spec 1.1, layer.md,
 * "Non-Distributable Layers", and Docker's type of the same meaning): registries need not have it.
 */
export function isForeign({ mediaType, urls }: Descriptor): boolean {
  const isUndistributed =
    /^application\/vnd\.(oci\.image\.layer\.nondistributable|docker\.image\.rootfs\.foreign)\./.test(
      mediaType,
    );
  return isUndistributed && (urls?.length ?? 0) > 0;
}
