export { type CacheEntry, listCacheEntries, removeCacheEntry } from './cache-entries.js';
export {
  type CatalogPlace,
  type CatalogUpdate,
  keepYanksCurrent,
  updateCatalog,
} from './catalog-update.js';
export { type AbiReport, checkAbi, type VariantDifference } from './check-abi.js';
export { type LocalVariant, settingWords, variantLabel } from './local-variant.js';
export {
  type Mirrored,
  type MirrorItem,
  type MirrorOptions,
  mirrorClosure,
  planMirror,
} from './mirror.js';
export {
  leftToCompiling,
  type PlannedVariant,
  type PublishPlan,
  planDocument,
  unmadeRoot,
} from './plan.js';
export { type PreparedPublish, type PublishOptions, preparePublish, publish } from './publish.js';
export type { PublishResult } from './publish-variants.js';
export { rebuildVersionIndexes } from './version-index.js';
