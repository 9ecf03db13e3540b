import { type Bill, type Item, itemId, type Relation } from './bill.js';
import { type BilledComponent, componentItems } from './component-items.js';
import { manifestPurl } from './purl.js';

/** A component of an image, and what of the image meets its dependencies. */
export interface LinkedComponent extends BilledComponent {
  /** Names of components. */
  dependencies: readonly string[];
}

/** The tooling layer that made an image, and is not in it. */
interface BilledTooling {
  framework: string;
  version: string;
  repository: string;
  digest: string;
  license?: string | undefined;
  description?: string | undefined;
}

/** What an image is made of. */
export interface BilledImage {
  name: string;
  /** `amd64-qemu` */
  target: string;
  description?: string | undefined;
  /** The whole closure, sorted by name. */
  components: readonly LinkedComponent[];
  /** Undefined where it was not built here. */
  tooling?: BilledTooling | undefined;
  /** The app's own sources and headers, and files of its root file system: path -> digest. */
  sources?: Readonly<Record<string, string>>;
  files?: Readonly<Record<string, string>>;
  /** What was written of it: name -> digest. */
  outputs?: Readonly<Record<string, string>>;
}

/** What an image is made of, as a bill. Pure. */
export function imageBill(image: BilledImage): Bill {
  const { name, target, description, components, tooling, sources = {}, files = {}, outputs = {} } = image;
  const subject: Item = { id: itemId('image', name), kind: 'image', name, version: target, description };
  const items: Item[] = [subject];
  const relations: Relation[] = [];
  const add = (kind: Relation['kind'], item: Item) => {
    items.push(item);
    relations.push({ from: subject.id, kind, to: item.id });
  };
  const addFiles = (
    kind: Relation['kind'],
    of: Item['kind'],
    prefix: string,
    all: Record<string, string>,
  ) => {
    for (const [path, digest] of Object.entries(all)) {
      add(kind, { id: itemId(prefix, path), kind: of, name: path, digest });
    }
  };
  addFiles('contains', 'file', 'output', outputs);
  addFiles('contains', 'file', 'file', files);
  addFiles('made-from', 'source-file', 'app', sources);
  for (const each of components) {
    const made = componentItems(each);
    add('links', made.component);
    for (const source of made.sources) items.push(source);
    for (const relation of made.relations) relations.push(relation);
    for (const to of each.dependencies) {
      relations.push({ from: made.component.id, kind: 'depends-on', to: itemId('component', to) });
    }
  }
  if (tooling !== undefined) {
    const { framework, repository, ...rest } = tooling;
    const purl = manifestPurl(repository, rest.digest, rest.version);
    const named = `${framework}-tooling`;
    add('built-by', { id: itemId('tooling', named), kind: 'tool', name: named, ...rest, purl });
  }
  return { subject, items, relations };
}
