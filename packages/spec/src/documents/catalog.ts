import type { Options, Settings } from './vocabulary.js';

/** Names that a component offers, put together by the variants that have them. */
export interface NameGroup {
  /** Sorted by code unit. */
  names: readonly string[];
  /** Positions in `CatalogVersion.variants`; all of them where left out. */
  variants?: readonly number[];
}

/** What one configuration of a version is. */
export interface CatalogVariant {
  /** Its tag in the component's repository. */
  tag: string;
  settings: Settings;
  options: Options;
}

export interface CatalogVersion {
  version: string;
  /** Capability -> version of its interface. */
  provides: Readonly<Record<string, string>>;
  /** Sorted by tag. */
  variants: readonly CatalogVariant[];
  /** Withdrawn: only locks that have it use it. */
  yanked?: true;
  /** Only of the newest version of each range of compatible versions; yanked ones do not count. */
  contents?: {
    /** As they are included: `warren/time.h`. */
    headers: readonly NameGroup[];
    /** Global and weak symbols of its objects and linker scripts. */
    symbols: readonly NameGroup[];
  };
}

/**
 * What the catalog of a framework says of one component: derived from its variant tags, for search and for
 * messages. It may be stale: nothing that it says replaces the metadata of a variant.
 */
export interface CatalogEntry {
  schema: 'https://bunny-libos.github.io/schema/catalog/v1';
  framework: string;
  name: string;
  description?: string;
  license?: string;
  /** Newest first. */
  versions: readonly CatalogVersion[];
}
