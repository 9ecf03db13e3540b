import { type Descriptor, type Index, indexType, type Manifest } from './descriptor.js';
import { digestOf, parseDigest } from './digest.js';
import { OciError } from './errors.js';
import { isIndex, parseManifest } from './manifest-validation.js';
import { pages } from './pagination.js';
import { byDigest } from './referrer.js';
import { readRefusal } from './registry-errors.js';
import { fetchManifest, putManifest } from './registry-manifests.js';
import type { Repository } from './registry-repository.js';
import { maximumManifestSize } from './strict-json.js';
import type { TransferOptions } from './target.js';

/**
 * The tag under which referrers are listed where the registry has no API for them: `sha256-<hex>`, of a longer digest
 * the first 64 digits (distribution-spec 1.1, "Referrers Tag Schema").
 */
function fallbackTag(digest: string): string {
  const { algorithm, hex } = parseDigest(digest);
  return `${algorithm}-${hex.slice(0, 64)}`;
}

/**
 * Manifests whose subject is this digest, sorted (distribution-spec 1.1, "Listing Referrers"): by the
 * API where the registry has it, which its first answer tells, else by the fallback tag.
 */
export async function listReferrers(
  repository: Repository,
  digest: string,
  artifactType: string | undefined,
  options: TransferOptions = {},
): Promise<Descriptor[]> {
  const all =
    (await fromApi(repository, digest, artifactType, options)) ??
    (await fromTag(repository, digest, options));
  // A registry may ignore the filter, and says so only by leaving out a header.
  const wanted = artifactType === undefined ? all : all.filter((each) => each.artifactType === artifactType);
  return [...new Map(wanted.map((each) => [each.digest, each])).values()].sort(byDigest);
}

async function fromApi(
  repository: Repository,
  digest: string,
  artifactType: string | undefined,
  { signal, connectOnce }: TransferOptions,
): Promise<Descriptor[] | undefined> {
  const { knowledge } = repository.client;
  if (knowledge.referrers === 'tag') return undefined;
  const query = artifactType === undefined ? '' : `?artifactType=${encodeURIComponent(artifactType)}`;
  const found: Descriptor[] = [];
  const more = { headers: { accept: indexType }, signal, connectOnce, gather: maximumManifestSize };
  const ask = (url: URL | string) => repository.request('pull', 'GET', url, more);
  for await (const response of pages(`referrers/${digest}${query}`, ask)) {
    const type = response.header('content-type')?.split(';')[0]?.trim();
    if (response.status === 404 || (response.status === 200 && type !== indexType)) {
      const { codes } = await readRefusal(response);
      // A registry with the API answers with an empty list for what it does not know; some answer 404.
      if (knowledge.referrers === 'api') return found;
      // A repository that is not there tells nothing of the registry.
      if (!codes.includes('NAME_UNKNOWN')) knowledge.referrers = 'tag';
      return undefined;
    }
    if (response.status !== 200)
      throw await repository.refusal('pull', response, 'list the referrers', digest);
    knowledge.referrers = 'api';
    const index = parseManifest(
      await response.bytes(maximumManifestSize),
      indexType,
      `referrers of ${digest}`,
    );
    if (isIndex(index)) found.push(...index.manifests);
  }
  return found;
}

async function fromTag(
  repository: Repository,
  digest: string,
  options: TransferOptions,
): Promise<Descriptor[]> {
  const document = await fallbackDocument(repository, digest, options);
  return document !== undefined && isIndex(document) ? document.manifests : [];
}

/** What the fallback tag names. */
async function fallbackDocument(
  repository: Repository,
  digest: string,
  options: TransferOptions,
): Promise<Index | Manifest | undefined> {
  const tag = fallbackTag(digest);
  const found = await fetchManifest(repository, tag, options);
  return found && parseManifest(found.bytes, found.descriptor.mediaType, `${repository.name}:${tag}`);
}

/** The list to be changed. Throws BUNNY_EMANIFEST where something else has its tag, which is not to be replaced. */
async function fallbackIndex(
  repository: Repository,
  digest: string,
  options: TransferOptions,
): Promise<Index | undefined> {
  const document = await fallbackDocument(repository, digest, options);
  if (document === undefined || isIndex(document)) return document;
  throw new OciError('BUNNY_EMANIFEST', 'the tag for the list of referrers names an image, not an index', {
    where: `${repository.name}:${fallbackTag(digest)}`,
    hint: 'the registry has no API for referrers: remove that tag, and run again',
  });
}

/** How often the list is written again where somebody else writes it at the same time. */
const maximumRounds = 20;
/** Changes of one list in this process take turns. */
const turns = new Map<string, Promise<void>>();

/**
 * Adds a manifest to, or removes it from, the list under the fallback tag of its subject. Registries
 * have no compare-and-swap: what was written is read again, and written again where it was lost.
 */
export async function changeFallback(
  repository: Repository,
  subject: string,
  change: { add: Descriptor } | { remove: string },
  options: TransferOptions = {},
): Promise<void> {
  const key = `${repository.name}@${subject}`;
  const before = turns.get(key) ?? Promise.resolve();
  const turn = before.catch(() => undefined).then(() => writeFallback(repository, subject, change, options));
  turns.set(key, turn);
  try {
    await turn;
  } finally {
    if (turns.get(key) === turn) turns.delete(key);
  }
}

async function writeFallback(
  repository: Repository,
  subject: string,
  change: { add: Descriptor } | { remove: string },
  options: TransferOptions,
): Promise<void> {
  const digest = 'add' in change ? change.add.digest : change.remove;
  for (let round = 0; round < maximumRounds; round++) {
    const old = await fallbackIndex(repository, subject, options);
    const others = (old?.manifests ?? []).filter((each) => each.digest !== digest);
    const present = others.length < (old?.manifests.length ?? 0);
    if (present === 'add' in change) return;
    const manifests = 'add' in change ? [...others, change.add].sort(byDigest) : others;
    const index: Index = { ...old, schemaVersion: 2, mediaType: indexType, manifests };
    const bytes = Buffer.from(JSON.stringify(index));
    const descriptor = { mediaType: indexType, digest: digestOf(bytes), size: bytes.length };
    await putManifest(repository, fallbackTag(subject), descriptor, bytes, options);
  }
  throw new OciError('BUNNY_EREGISTRY', 'the list of referrers is written by others without pause', {
    where: `${repository.name}:${fallbackTag(subject)}`,
    hint: 'run again',
  });
}
