import { type Rounds, writeUntilComplete } from '../content/concurrent-writing.js';
import { describe } from '../content/content.js';
import { type Descriptor, indexType } from '../content/descriptor.js';
import { parseDigest } from '../content/digest.js';
import { OciError } from '../content/errors.js';
import { parseReferrers, type ReferrerList } from '../content/manifest-validation.js';
import { type IndexParts, indexBytes } from '../content/manifest-writing.js';
import { byDigest } from '../content/referrer.js';
import { maximumManifestSize } from '../content/strict-json.js';
import type { TransferOptions } from '../content/target.js';
import { Turns } from '../content/turns.js';
import type { HttpResponse } from '../http/response.js';
import { readRefusal } from './errors.js';
import { fetchContent, putManifest } from './manifests.js';
import { readList } from './pagination.js';
import type { Repository } from './repository.js';

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
  const more = { headers: { accept: indexType }, signal, connectOnce, gather: maximumManifestSize };
  const found = await readList({
    url: `referrers/${digest}${query}`,
    takesCount: false,
    ask: (url) => repository.request('pull', 'GET', url, more),
    read: (response) => readPage(repository, response, digest),
    nameOf: (entry) => entry.digest,
  });
  // A registry with the API answers with an empty list for what it does not know; some answer 404.
  return found ?? (knowledge.referrers === 'api' ? [] : undefined);
}

/** Answers of registries, and of proxies before them, that do not know the API. */
const unknownApi = new Set([400, 403, 404, 405, 406, 415, 501]);

/** The entries on a page; undefined, once that is learned, where the registry does not have the API. */
async function readPage(
  repository: Repository,
  response: HttpResponse,
  digest: string,
): Promise<Descriptor[] | undefined> {
  const { knowledge } = repository.client;
  const { status } = response;
  const isUnknown = status === 404 || (unknownApi.has(status) && knowledge.referrers !== 'api');
  if (isUnknown || (status === 200 && !(await isListed(response)))) {
    const { codes } = await readRefusal(response);
    // A repository that is not there tells nothing of the registry, and one that is closed to us neither.
    const isOfRepository = codes.some((code) => code === 'NAME_UNKNOWN' || code === 'DENIED');
    if (knowledge.referrers !== 'api' && !isOfRepository) knowledge.referrers = 'tag';
    return undefined;
  }
  if (status !== 200) throw await repository.refusal('pull', response, 'list the referrers', digest);
  knowledge.referrers = 'api';
  const where = `referrers of ${digest}`;
  const list = parseReferrers(await response.bytes(maximumManifestSize), indexType, where);
  return soundEntries(repository, list);
}

/** Whether the answer is a list of referrers: some registries serve it as plain JSON. */
async function isListed(response: HttpResponse): Promise<boolean> {
  const type = response.header('content-type')?.split(';')[0]?.trim().toLowerCase();
  if (type === indexType) return true;
  if (type !== 'application/json') return false;
  try {
    const body: unknown = JSON.parse((await response.bytes(maximumManifestSize)).toString('utf8'));
    return (body as { mediaType?: unknown } | null)?.mediaType === indexType;
  } catch {
    return false;
  }
}

/** The well formed entries of a list; the user is told of others. */
function soundEntries(repository: Repository, list: ReferrerList | undefined): Descriptor[] {
  for (const { message } of list?.faults ?? [])
    repository.client.notice(`${repository.name}: a referrer is skipped: ${message}`);
  return list?.manifests ?? [];
}

async function fromTag(
  repository: Repository,
  digest: string,
  options: TransferOptions,
): Promise<Descriptor[]> {
  return soundEntries(repository, await fallbackList(repository, digest, options));
}

/** What the fallback tag names: undefined where there is none or, unless `isRequired`, where it is no list. */
async function fallbackList(
  repository: Repository,
  digest: string,
  options: TransferOptions,
  isRequired = false,
): Promise<ReferrerList | undefined> {
  const tag = fallbackTag(digest);
  const found = await fetchContent(repository, tag, options);
  if (found === undefined) return undefined;
  const list = parseReferrers(found.bytes, found.mediaType, `${repository.name}:${tag}`);
  if (list !== undefined || !isRequired) return list;
  throw new OciError('BUNNY_EMANIFEST', 'the tag for the list of referrers names an image, not an index', {
    where: `${repository.name}:${tag}`,
    hint: 'the registry has no API for referrers: remove that tag, and run again',
  });
}

/** Of the changes of one list. */
const turns = new Turns();

/**
 * Adds a manifest to, or removes it from, the list under the fallback tag of its subject. Changes of one list in this
 * process take turns.
 */
export function changeFallback(
  repository: Repository,
  subject: string,
  change: { add: Descriptor } | { remove: string },
  options: TransferOptions = {},
): Promise<void> {
  const tag = fallbackTag(subject);
  const where = `${repository.name}:${tag}`;
  const digest = 'add' in change ? change.add.digest : change.remove;
  const rounds: Rounds<IndexParts> = {
    look: async () => {
      // What has the tag and is no list is not to be replaced.
      const old = await fallbackList(repository, subject, options, true);
      const others = (old?.manifests ?? []).filter((each) => each.digest !== digest);
      const present = others.length < (old?.manifests.length ?? 0);
      if (present === 'add' in change) return undefined;
      const sound = 'add' in change ? [...others, change.add].sort(byDigest) : others;
      // Entries that are not read here are somebody else's, and stay.
      return { ...old?.head, manifests: [...sound, ...((old?.unsound ?? []) as Descriptor[])] };
    },
    write: async (list) => {
      const bytes = indexBytes(list);
      await putManifest(repository, tag, describe(indexType, bytes), bytes, options);
    },
    giveUp: () =>
      new OciError('BUNNY_EREGISTRY', 'other processes keep writing the list of referrers', {
        where,
        hint: 'run again',
      }),
  };
  return turns.take(where, () => writeUntilComplete(rounds));
}
