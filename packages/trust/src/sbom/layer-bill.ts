import { type Bill, type Item, itemId, type Relation } from './bill.js';
import { type BilledComponent, componentItems } from './component-items.js';

/** What a layer is made of: its objects, headers and scripts, what it was compiled against, its sources and its tooling. Pure. */
export function layerBill(billed: BilledComponent): Bill {
  const { config } = billed;
  const { identity, builtWith } = config;
  const { component, sources, relations } = componentItems(billed);
  const item = (kind: Item['kind'], prefix: string, name: string, rest: Partial<Item> = {}): Item => ({
    id: itemId(prefix, name),
    kind,
    name,
    ...rest,
  });
  const files = [...config.objects, ...config.headers, ...config.scripts].map(({ path, digest }) =>
    item('file', 'file', path, { digest }),
  );
  const own = item('source', 'own-source', identity.name, {
    version: identity.version,
    digest: identity.source,
  });
  const tooling = item('tool', 'tooling', `${identity.framework}-tooling`, { digest: identity.tooling });
  const needed = builtWith.map(({ name, version }) => item('library', 'component', name, { version }));
  const to = (kind: Relation['kind'], items: readonly Item[]) =>
    items.map(({ id }): Relation => ({ from: component.id, kind, to: id }));
  return {
    subject: component,
    items: [component, ...files, ...needed, own, ...sources, tooling],
    relations: [
      ...to('contains', files),
      ...to('depends-on', needed),
      ...to('made-from', [own]),
      ...relations,
      ...to('built-by', [tooling]),
    ],
  };
}
