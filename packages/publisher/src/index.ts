export { type AbiReport, checkAbi, type VariantDifference } from './checks/check-abi.js';
export { settingWords, variantLabel } from './plan/local-variant.js';
export { leftToCompiling, type PublishPlan, planDocument, unmadeRoot } from './plan/plan.js';
export { listCacheEntries, removeCacheEntry } from './publish/cache-entries.js';
export { type PreparedPublish, preparePublish, publish } from './publish/publish.js';
export { type RebuildSubject, type Rebuilt, rebuild } from './rebuild/rebuild.js';
