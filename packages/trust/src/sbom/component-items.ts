import type { ComponentConfig } from 'bunny-libos-spec';
import { type Item, itemId, type Relation } from './bill.js';
import { manifestPurl, upstreamPurl } from './purl.js';

/** A variant of a component, as it was published. */
export interface BilledComponent {
  config: ComponentConfig;
  /** The canonical name of its repository. */
  repository: string;
  /** Of the manifest. */
  digest: string;
  /** Of the layer, which holds all that reaches an image. */
  layer: string;
}

/** A component, and the sources of others that it was made from. */
export interface ComponentItems {
  component: Item;
  sources: readonly Item[];
  relations: readonly Relation[];
}

/** The items of a component. Pure. */
export function componentItems({ config, repository, digest, layer }: BilledComponent): ComponentItems {
  const { identity, description, license, upstream = [] } = config;
  const { name, version } = identity;
  const component: Item = {
    id: itemId('component', name),
    kind: 'library',
    name,
    version,
    description,
    license,
    digest: layer,
    purl: manifestPurl(repository, digest, version),
  };
  const sources = upstream.map(
    (each, index): Item => ({
      id: itemId('source', `${name}/${index}/${each.name}`),
      kind: 'source',
      name: each.name,
      version: each.version,
      license: each.license,
      digest: each.digest,
      purl: upstreamPurl(each),
      url: each.url,
    }),
  );
  const relations = sources.map(({ id }): Relation => ({ from: component.id, kind: 'made-from', to: id }));
  return { component, sources, relations };
}
