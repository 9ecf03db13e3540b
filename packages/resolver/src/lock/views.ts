import { type Bunnyfile, type Document, type Lock, perTarget } from 'bunny-libos-spec';

/** What a Bunnyfile says for the targets of a lock, each view of it once. */
export function viewsOf(document: Document<Bunnyfile>, lock: Lock): Set<Document<Bunnyfile>> {
  return new Set([document, ...lock.targets.map((target) => perTarget(document, target))]);
}
