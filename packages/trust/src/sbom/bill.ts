/** What something in a bill is. A `tool`, a `source` and a `source-file` made it, and are not in it. */
export type ItemKind = 'image' | 'library' | 'file' | 'tool' | 'source' | 'source-file';

/** Something that a bill is about. */
export interface Item {
  /** Unique in the bill: letters, digits, `.` and `-`. */
  id: string;
  kind: ItemKind;
  name: string;
  version?: string | undefined;
  description?: string | undefined;
  /** As its publisher declares it: a licence expression, where they wrote one. */
  license?: string | undefined;
  /** `sha256:…` of its bytes. */
  digest?: string | undefined;
  /** Where it is, as a package URL. */
  purl?: string | undefined;
  /** Where it is from. */
  url?: string | undefined;
}

/** How two items belong together: `image links libc`, `libc depends-on alloc`, `libc made-from source`, `libc built-by tool`. */
export type RelationKind = 'contains' | 'links' | 'depends-on' | 'made-from' | 'built-by';

export interface Relation {
  from: string;
  kind: RelationKind;
  to: string;
}

/** What something is made of, in no format. Items and relations are in a stable order: the same of the same. */
export interface Bill {
  /** What it is about: it is the first of the items. */
  subject: Item;
  items: readonly Item[];
  relations: readonly Relation[];
}

/** An id of an item: what it is and what it is called, in the characters that all formats take. */
export function itemId(kind: string, name: string): string {
  // Whatever is not plain is spelt out, so that two names never become one.
  const plain = name.replace(/[^A-Za-z0-9.]/g, (c) => `-${c.codePointAt(0)?.toString(16)}-`);
  return `${kind}-${plain}`;
}
