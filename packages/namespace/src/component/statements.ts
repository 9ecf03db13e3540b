import {
  type Descriptor,
  digestOf,
  type Index,
  packManifest,
  pushBytes,
  readBytes,
  type Target,
  type TransferOptions,
} from 'bunny-libos-oci';
import { annotations, mediaTypes } from 'bunny-libos-spec';
import semver from 'semver';
import { readManifest } from '../manifest/manifest.js';
import { tagOnce } from '../manifest/tag-once.js';

/**
 * Signed statements about the variants of a version, as they are kept: texts of sigstore bundles, of which nothing is
 * known here. Each has an immutable tag of its own, which is the truth; the index of the version holds them all, so that
 * who reads that needs no further request.
 */

/** Bytes. One about a thousand variants has some 400,000. */
const largestStatement = 1024 * 1024;
/** Statements of one version that are read one by one, where the index lacks them: anybody who may push can add more. */
const mostStatements = 50;

const bundleType = 'application/vnd.dev.sigstore.bundle.v0.3+json';
const pattern = /^(.+)_statement-[0-9a-f]{16}$/;

/** The tag of a statement: `<version>_statement-<first 16 hex digits of its sha256>`. */
export function statementTag(version: string, text: string): string {
  return `${version}_statement-${digestOf(Buffer.from(text)).slice('sha256:'.length, 'sha256:'.length + 16)}`;
}

/** The version that the tag of a statement belongs to. Undefined for any other tag. */
export function versionOfStatementTag(tag: string): string | undefined {
  const version = pattern.exec(tag)?.[1];
  return version !== undefined && semver.valid(version) === version ? version : undefined;
}

/** Pushes a statement under its own tag. The index is brought up to date by `updateVersionIndex`. */
export async function pushStatement(
  target: Target,
  version: string,
  text: string,
  options: TransferOptions = {},
): Promise<void> {
  const layer = await pushBytes(target, bundleType, Buffer.from(text), {}, options);
  const descriptor = await packManifest(
    target,
    {
      artifactType: mediaTypes.statement,
      layers: [layer],
      annotations: { 'org.opencontainers.image.version': version },
    },
    options,
  );
  await tagOnce(target, descriptor, statementTag(version, text), options);
}

/** A statement by its tag. Undefined where there is none, or what is there is not what the tag names. */
async function readStatement(
  target: Target,
  tag: string,
  options: TransferOptions = {},
): Promise<string | undefined> {
  const found = await target.fetchManifest(tag, options);
  if (found === undefined) return undefined;
  const { mediaType } = found.descriptor;
  let layer: Descriptor | undefined;
  try {
    layer = readManifest(found.bytes, mediaType, `${target.name}:${tag}`).layers[0];
  } catch {
    return undefined;
  }
  if (layer === undefined || layer.size > largestStatement) return undefined;
  const text = Buffer.from(await readBytes(target, layer, largestStatement, options)).toString('utf8');
  return statementTag(versionOfStatementTag(tag) ?? '', text) === tag ? text : undefined;
}

/** The statements of a version that its tags name and that are not known yet, by their tags; not those that are damaged. */
export async function readStatements(
  target: Target,
  tags: readonly string[],
  version: string,
  known: ReadonlyMap<string, string>,
  options: TransferOptions = {},
): Promise<Map<string, string>> {
  const unknown = tags.filter((tag) => versionOfStatementTag(tag) === version && !known.has(tag));
  const read = new Map<string, string>();
  await Promise.all(
    unknown.slice(0, mostStatements).map(async (tag) => {
      const text = await readStatement(target, tag, options);
      if (text !== undefined) read.set(tag, text);
    }),
  );
  return read;
}

/** The statements that an index of a version holds, by their tags. None where they cannot be read: it is derived. */
export function statementsOfIndex({ annotations: notes }: Index, version: string): Map<string, string> {
  let texts: unknown;
  try {
    texts = JSON.parse(notes?.[annotations.statements] ?? '[]');
  } catch {
    texts = [];
  }
  const all = Array.isArray(texts) ? texts.filter((text): text is string => typeof text === 'string') : [];
  return new Map(all.map((text) => [statementTag(version, text), text]));
}

/** The annotations with which an index holds statements; none without any, so that it has the bytes it always had. */
export function statementAnnotations(statements: ReadonlyMap<string, string>): Record<string, string> {
  if (statements.size === 0) return {};
  const texts = [...statements].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, text]) => text);
  return { [annotations.statements]: JSON.stringify(texts) };
}
