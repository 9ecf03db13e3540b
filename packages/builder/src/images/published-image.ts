import { join } from 'node:path';
import {
  codeOf,
  type Descriptor,
  defaultReadLimit,
  HeldDirectory,
  imageConfigType,
  isIndex,
  type Manifest,
  maximumManifestSize,
  OciError,
  Pool,
  parseManifest,
  parseStrictJson,
  readBytes,
  type Store,
  type Target,
} from 'bunny-libos-oci';
import {
  annotations,
  BunnyError,
  exitStatus,
  mediaTypes,
  readBuildRecord,
  readToolingDocument,
  type Settings,
  type ToolingRules,
} from 'bunny-libos-spec';
import { sizeLimits } from 'bunny-libos-tooling';
import { kernelPath, rootfsPath } from './image-facts.js';

/** An image as it was published. */
export interface PublishedImage {
  /** Of its manifest. */
  descriptor: Descriptor;
  manifest: Manifest;
  arch: string;
  /** What it boots on, where Bunny made it. */
  platform: string | undefined;
  entrypoint: readonly string[];
  cmd: readonly string[];
  /** `NAME=value` */
  envs: readonly string[];
}

/** How an image came about, and how it boots. */
export interface ImageOrigin {
  rules: ToolingRules;
  settings: Settings;
  framework: { name: string; version: string };
  components: readonly { name: string; version: string }[];
}

/** Manifests that are asked for at the same time. */
const atOnce = 6;

interface Transfer {
  signal?: AbortSignal | undefined;
}

/**
 * The images that a reference leads to: one, or those of an index, in its order. Undefined where there is nothing; empty
 * where what is there is no image. Throws BUNNY_EMANIFEST, and what the target throws.
 */
export async function readImages(
  target: Target,
  reference: string,
  transfer: Transfer = {},
): Promise<PublishedImage[] | undefined> {
  const found = await target.fetchManifest(reference, transfer);
  if (found === undefined) return undefined;
  const { descriptor, bytes } = found;
  const document = parseManifest(bytes, descriptor.mediaType, `${target.name}@${descriptor.digest}`);
  if (!isIndex(document)) return await readManifests(target, [{ descriptor, manifest: document }], transfer);
  const pool = new Pool(atOnce);
  const manifests = await Promise.all(
    document.manifests.map((entry) =>
      pool.run(async () => {
        const where = `${target.name}@${entry.digest}`;
        const manifest = parseManifest(
          await readBytes(target, entry, maximumManifestSize, transfer),
          entry.mediaType,
          where,
        );
        return isIndex(manifest) ? [] : [{ descriptor: entry, manifest }];
      }),
    ),
  );
  return await readManifests(target, manifests.flat(), transfer);
}

async function readManifests(
  target: Target,
  manifests: readonly { descriptor: Descriptor; manifest: Manifest }[],
  transfer: Transfer,
): Promise<PublishedImage[]> {
  const images: PublishedImage[] = [];
  for (const { descriptor, manifest } of manifests) {
    if (manifest.config.mediaType !== imageConfigType) continue;
    const where = `${target.name}@${manifest.config.digest}`;
    const bytes = await readBytes(target, manifest.config, maximumManifestSize, transfer);
    const { architecture, config } = (parseStrictJson(bytes, where) ?? {}) as {
      architecture?: unknown;
      config?: { Entrypoint?: unknown; Cmd?: unknown; Env?: unknown } | null | undefined;
    };
    images.push({
      descriptor,
      manifest,
      arch: typeof architecture === 'string' ? architecture : '',
      platform: manifest.annotations?.[annotations.platform],
      entrypoint: texts(config?.Entrypoint),
      cmd: texts(config?.Cmd),
      envs: texts(config?.Env),
    });
  }
  return images;
}

/**
 * How an image came about, by the build record that refers to it. Undefined where there is none: tools that copy images
 * may leave it behind. Throws BUNNY_EMETADATA where it contradicts itself, and what the target throws.
 */
export async function readOrigin(
  target: Target,
  { descriptor }: PublishedImage,
  transfer: Transfer = {},
): Promise<ImageOrigin | undefined> {
  const [referrer] = await target.referrers(descriptor, mediaTypes.buildRecord, transfer);
  if (referrer === undefined) return undefined;
  const where = `${target.name}@${referrer.digest}`;
  const bytes = await readBytes(target, referrer, maximumManifestSize, transfer);
  const manifest = parseManifest(bytes, referrer.mediaType, where);
  if (isIndex(manifest)) throw contradiction(where);
  const layer = (mediaType: string) => manifest.layers.find((each) => each.mediaType === mediaType);
  const [recordLayer, rulesLayer] = [layer(mediaTypes.buildRecordLayer), layer(mediaTypes.toolingRules)];
  if (recordLayer === undefined || rulesLayer === undefined) throw contradiction(where);
  const read = (each: Descriptor) => readBytes(target, each, defaultReadLimit, transfer);
  const { rules, layerHash } = readToolingDocument(await read(rulesLayer), where);
  const record = readBuildRecord(await read(recordLayer), where);
  if (record.tooling.layerHash !== layerHash) throw contradiction(where);
  const { settings, components } = record;
  return { rules, settings, framework: { name: rules.framework, version: rules.version }, components };
}

/**
 * The kernel and the root file system of an image, in the store, where its layers are unpacked. Throws BUNNY_EKERNEL where
 * it has no kernel, and what the store throws.
 */
export async function unpackImage(
  store: Store,
  target: Target,
  { descriptor, manifest }: PublishedImage,
  transfer: Transfer = {},
): Promise<{ kernel: string; rootfs: string | undefined }> {
  const directory = await store.unpackedImage(manifest.layers, [target], transfer);
  const root = HeldDirectory.open(directory);
  try {
    const find = (path: string): string | undefined => {
      const below = path.slice(1);
      try {
        root.fileBelow(below, { limit: sizeLimits.image }).close();
        return join(directory, below);
      } catch (error) {
        if (error instanceof OciError || codeOf(error) === 'ENOENT') return undefined;
        throw error;
      }
    };
    const kernel = find(kernelPath);
    if (kernel !== undefined) return { kernel, rootfs: find(rootfsPath) };
  } finally {
    root.close();
  }
  throw new BunnyError('BUNNY_EKERNEL', `the image has no kernel at ${kernelPath}`, {
    where: `${target.name}@${descriptor.digest}`,
    hint: 'name an image that `bunny build --type oci` has made',
    exitStatus: exitStatus.unsatisfiable,
  });
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
}

function contradiction(where: string): BunnyError {
  return new BunnyError('BUNNY_EMETADATA', 'what refers to this image as its build record is not one', {
    where,
    hint: 'build the image again, and push it',
    exitStatus: exitStatus.registry,
  });
}
