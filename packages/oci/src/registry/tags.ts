import { OciError } from '../content/errors.js';
import { isTag } from '../content/reference.js';
import { parseStrictJson } from '../content/strict-json.js';
import type { TransferOptions } from '../content/target.js';
import type { HttpResponse } from '../http/response.js';
import { maximumPage, readList } from './pagination.js';
import type { Repository } from './repository.js';

/** All tags, sorted (distribution-spec 1.1, "Listing Tags"), over all pages; none where the repository does not exist. */
export async function listTags(
  repository: Repository,
  { signal, connectOnce }: TransferOptions = {},
): Promise<string[]> {
  const tags = await readList({
    url: 'tags/list',
    takesCount: true,
    ask: (url) => repository.request('pull', 'GET', url, { signal, connectOnce, gather: maximumPage }),
    read: (response) => readPage(repository, response),
    nameOf: (tag) => tag,
  });
  return (tags ?? []).filter(isTag).sort();
}

async function readPage(repository: Repository, response: HttpResponse): Promise<string[] | undefined> {
  if (response.status === 404) {
    await response.discard();
    return undefined;
  }
  if (response.status !== 200) throw await repository.refusal('pull', response, 'list the tags', '');
  const where = `the tag list of ${repository.name}`;
  const body = parseStrictJson(await response.bytes(maximumPage), where, { size: maximumPage });
  const tags = (body as { tags?: unknown } | null)?.tags ?? [];
  if (!Array.isArray(tags)) {
    throw new OciError('BUNNY_EMANIFEST', 'the tags are not a list', {
      where,
      hint: 'this is not a registry, or a broken one: check the reference',
    });
  }
  return (tags as unknown[]).filter((tag) => typeof tag === 'string');
}
