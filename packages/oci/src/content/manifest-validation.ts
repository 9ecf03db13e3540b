import { type Descriptor, type Index, indexType, type Manifest, manifestType } from './descriptor.js';
import { tryParseDigest } from './digest.js';
import { OciError } from './errors.js';
import { maximumManifestSize, parseStrictJson } from './strict-json.js';

/** Docker's older media types, which registries still serve for images; their shape is the same. */
const dockerManifestType = 'application/vnd.docker.distribution.manifest.v2+json';
const dockerIndexType = 'application/vnd.docker.distribution.manifest.list.v2+json';

/** What a client accepts as a manifest, in order of preference. */
export const manifestTypes: readonly string[] = [
  manifestType,
  indexType,
  dockerManifestType,
  dockerIndexType,
];

export function isManifestType(mediaType: string): boolean {
  return manifestTypes.includes(mediaType);
}

export function isIndexType(mediaType: string): boolean {
  return mediaType === indexType || mediaType === dockerIndexType;
}

/** RFC 6838, section 4.2. */
const mediaTypePattern = /^[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}\/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}$/;
const maximumEntries = 100_000;

type Fields = Record<string, unknown>;

class Checker {
  readonly #what: string;
  readonly #takesAnyArtifactType: boolean;

  constructor(what: string, takesAnyArtifactType = false) {
    this.#what = what;
    this.#takesAnyArtifactType = takesAnyArtifactType;
  }

  fail(at: string, why: string): never {
    throw new OciError('BUNNY_EMANIFEST', `${at} ${why}`, {
      where: this.#what,
      hint: 'whoever pushed it must push it again in the form of image-spec 1.1; nothing of it was used',
    });
  }

  object(value: unknown, at: string): Fields {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      this.fail(at, 'is not an object');
    return value as Fields;
  }

  list(value: unknown, at: string): unknown[] {
    if (!Array.isArray(value)) this.fail(at, 'is not a list');
    if (value.length > maximumEntries) this.fail(at, `has more than ${maximumEntries} entries`);
    return value;
  }

  mediaType(value: unknown, at: string): string {
    if (typeof value !== 'string' || !mediaTypePattern.test(value)) this.fail(at, 'is not a media type');
    return value;
  }

  annotations(value: unknown, at: string): void {
    if (value === undefined || value === null) return;
    for (const [key, text] of Object.entries(this.object(value, at))) {
      if (typeof text !== 'string')
        this.fail(`${at}[${JSON.stringify(key.slice(0, 100))}]`, 'is not a string');
    }
  }

  descriptor(value: unknown, at: string): void {
    const fields = this.object(value, at);
    this.mediaType(fields.mediaType, `${at}.mediaType`);
    if (typeof fields.digest !== 'string' || tryParseDigest(fields.digest) === undefined) {
      this.fail(`${at}.digest`, 'is not a sha256 or sha512 digest');
    }
    if (!Number.isSafeInteger(fields.size) || (fields.size as number) < 0) {
      this.fail(`${at}.size`, 'is not a number of bytes');
    }
    const isChecked = !this.#takesAnyArtifactType || typeof fields.artifactType !== 'string';
    if (isChecked && fields.artifactType !== undefined && fields.artifactType !== '') {
      this.mediaType(fields.artifactType, `${at}.artifactType`);
    }
    this.annotations(fields.annotations, `${at}.annotations`);
    if (fields.data !== undefined && fields.data !== null && typeof fields.data !== 'string') {
      this.fail(`${at}.data`, 'is not a string');
    }
    if (fields.urls !== undefined && fields.urls !== null) {
      for (const url of this.list(fields.urls, `${at}.urls`)) {
        if (typeof url !== 'string') this.fail(`${at}.urls`, 'holds what is not a string');
      }
    }
    if (fields.platform !== undefined && fields.platform !== null) {
      const platform = this.object(fields.platform, `${at}.platform`);
      if (typeof platform.architecture !== 'string' || typeof platform.os !== 'string') {
        this.fail(`${at}.platform`, 'lacks architecture or os');
      }
    }
  }

  /** What manifests and indexes have in common. `mediaType` is what it was fetched as. */
  head(fields: Fields, mediaType: string | undefined): string {
    if (fields.schemaVersion !== 2) this.fail('schemaVersion', 'is not 2');
    const own = fields.mediaType;
    if (own !== undefined) this.mediaType(own, 'mediaType');
    if (mediaType !== undefined && own !== undefined && own !== mediaType) {
      this.fail('mediaType', `is ${String(own)}, but it was served as ${mediaType}`);
    }
    if (fields.artifactType !== undefined && fields.artifactType !== '') {
      this.mediaType(fields.artifactType, 'artifactType');
    }
    this.annotations(fields.annotations, 'annotations');
    if (fields.subject !== undefined && fields.subject !== null) this.descriptor(fields.subject, 'subject');
    return (own ?? mediaType ?? (fields.manifests === undefined ? manifestType : indexType)) as string;
  }
}

export interface ManifestLimits {
  /** Bytes; 4 MiB unless said. */
  size?: number | undefined;
  /** Entries of an index may carry an `artifactType` that is no media type, as older sigstore bundles do. */
  takesAnyArtifactType?: boolean | undefined;
}

/**
 * Reads an image manifest or image index (image-spec 1.1, manifest.md and image-index.md) that a
 * stranger wrote. `mediaType` is the type it was served as, if known: one that disagrees with the
 * document is refused, as image-spec asks. Throws BUNNY_EMANIFEST, or BUNNY_ELIMIT over the limit of its size.
 */
export function parseManifest(
  bytes: Uint8Array,
  mediaType: string | undefined,
  what: string,
  { size = maximumManifestSize, takesAnyArtifactType }: ManifestLimits = {},
): Manifest | Index {
  const check = new Checker(what, takesAnyArtifactType);
  const fields = check.object(parseStrictJson(bytes, what, { size }), 'the document');
  const type = check.head(fields, mediaType);
  if (isIndexType(type)) {
    if (fields.layers !== undefined) check.fail('layers', 'appears in an image index');
    const manifests = check.list(fields.manifests, 'manifests');
    manifests.forEach((entry, i) => {
      check.descriptor(entry, `manifests[${i}]`);
    });
    return { ...fields, mediaType: type } as unknown as Index;
  }
  if (!isManifestType(type))
    check.fail('mediaType', `${type} is neither an image manifest nor an image index`);
  if (fields.manifests !== undefined) check.fail('manifests', 'appears in an image manifest');
  check.descriptor(fields.config, 'config');
  const layers = check.list(fields.layers, 'layers');
  layers.forEach((entry, i) => {
    check.descriptor(entry, `layers[${i}]`);
  });
  return { ...fields, mediaType: type } as unknown as Manifest;
}

/** A list of referrers as a registry has it. */
export interface ReferrerList {
  /** The document without its entries. */
  head: Omit<Index, 'manifests'>;
  /** The entries that are well formed. */
  manifests: Descriptor[];
  /** The others, as they stand there. */
  unsound: unknown[];
  /** What is wrong with each of these. */
  faults: OciError[];
}

/**
 * Reads a list of referrers (distribution-spec 1.1, "Listing Referrers"). Anybody who may push attaches to what is there,
 * so an entry that is not well formed does not take the others with it. Undefined where the document is
 * an image manifest. Throws as `parseManifest`.
 */
export function parseReferrers(
  bytes: Uint8Array,
  mediaType: string | undefined,
  what: string,
): ReferrerList | undefined {
  const check = new Checker(what);
  const fields = check.object(parseStrictJson(bytes, what), 'the document');
  const type = check.head(fields, mediaType);
  if (!isIndexType(type)) return undefined;
  const { manifests: entries, ...rest } = fields;
  const list: ReferrerList = { head: rest as ReferrerList['head'], manifests: [], unsound: [], faults: [] };
  check.list(entries, 'manifests').forEach((entry, i) => {
    const { digest } = (entry ?? {}) as { digest?: unknown };
    const name = typeof digest === 'string' ? digest.slice(0, 100) : String(i);
    try {
      check.descriptor(entry, `manifests[${name}]`);
      list.manifests.push(entry as Descriptor);
    } catch (fault) {
      if (!(fault instanceof OciError)) throw fault;
      list.unsound.push(entry);
      list.faults.push(fault);
    }
  });
  return list;
}

export function isIndex(document: Manifest | Index): document is Index {
  return isIndexType(document.mediaType);
}
