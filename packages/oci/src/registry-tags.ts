import { OciError } from './errors.js';
import { maximumPage, pageSize, pages } from './pagination.js';
import { isTag } from './reference.js';
import type { Repository } from './registry-repository.js';
import { parseStrictJson } from './strict-json.js';
import type { TransferOptions } from './target.js';

/** All tags, sorted (distribution-spec 1.1, "Listing Tags"), over all pages; none where the repository does not exist. */
export async function listTags(
  repository: Repository,
  { signal, connectOnce }: TransferOptions = {},
): Promise<string[]> {
  const found = new Set<string>();
  const ask = (url: URL | string) =>
    repository.request('pull', 'GET', url, { signal, connectOnce, gather: maximumPage });
  for await (const response of pages(`tags/list?n=${pageSize}`, ask)) {
    if (response.status === 404) {
      await response.discard();
      break;
    }
    if (response.status !== 200) throw await repository.refusal('pull', response, 'list the tags', '');
    const where = `the tag list of ${repository.name}`;
    const body = parseStrictJson(await response.bytes(maximumPage), where, { size: maximumPage });
    const tags = (body as { tags?: unknown } | null)?.tags ?? [];
    if (!Array.isArray(tags)) {
      throw new OciError('BUNNY_EMANIFEST', 'the tags are not a list', {
        where,
        hint: 'this is no registry, or a broken one: check the reference',
      });
    }
    for (const tag of tags as unknown[]) if (typeof tag === 'string' && isTag(tag)) found.add(tag);
  }
  return [...found].sort();
}
