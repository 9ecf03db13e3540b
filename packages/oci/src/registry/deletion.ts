import type { HttpResponse } from '../http/response.js';

/** What became of something that was to be deleted. */
export type Deletion = 'deleted' | 'absent' | 'unsupported';

/** Reads the answer to a DELETE (distribution-spec 1.1, "Content Management"). Throws the `refusal` of any other. */
export async function deletionBy(response: HttpResponse, refusal: () => Promise<Error>): Promise<Deletion> {
  const deletion = meanings.get(response.status);
  if (deletion === undefined) throw await refusal();
  await response.discard();
  return deletion;
}

const meanings: ReadonlyMap<number, Deletion> = new Map([
  [200, 'deleted'],
  [202, 'deleted'],
  [204, 'deleted'],
  [404, 'absent'],
  // Where a registry deletes nothing of the kind it answers with either of these.
  [400, 'unsupported'],
  [405, 'unsupported'],
]);
