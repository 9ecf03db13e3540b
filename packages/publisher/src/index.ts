export { type CatalogPlace, type CatalogUpdate, updateCatalog } from './catalog-update.js';
export { type LocalVariant, variantLabel } from './local-variant.js';
export * from './plan.js';
export * from './publish.js';
export type { PublishResult } from './publish-variants.js';
export { rebuildVersionIndexes } from './version-index.js';
