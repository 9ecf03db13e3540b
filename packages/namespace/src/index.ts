export { Catalog, type FoundEntry, reachableNames } from './catalog/catalog.js';
export {
  type ContentKind,
  type Definer,
  definersOf,
  definerText,
  entriesAbout,
  offeredNames,
  requirementText,
} from './catalog/lookup.js';
export { readCatalogEntry, readCatalogNames } from './catalog/repository.js';
export {
  keepCatalogCurrent,
  keepYanksCurrent,
  updateCatalog,
} from './catalog/update.js';
export { attachedTexts, attachText } from './component/attached-texts.js';
export {
  compatibleLine,
  newestFirst,
  newestForAny,
  olderVersion,
  predecessor,
} from './component/compatible-versions.js';
export { deprecate } from './component/deprecation.js';
export { requireIndexFits } from './component/index-document.js';
export { indexedStatements, statementsOf } from './component/indexed-version.js';
export { MetadataCache } from './component/metadata-cache.js';
export { type LayerFile, pushVariant } from './component/push.js';
export { ComponentRepository, readVariants } from './component/repository.js';
export { pushStatement } from './component/statements.js';
export {
  deviationsOf,
  type FoundVariant,
  type Variant,
  variantOfIndexEntry,
  variantOfManifest,
} from './component/variant.js';
export {
  definedNames,
  neededNames,
  pinnedConfig,
  pinnedConfigs,
  readVariantConfig,
  readVariantDocuments,
} from './component/variant-config.js';
export { versionOfVariantTag } from './component/variant-tag.js';
export { rebuildVersionIndexes, updateVersionIndex } from './component/version-index.js';
export { yank } from './component/yank.js';
export { readIndex, readManifest } from './manifest/manifest.js';
export { type MirrorItem, type MirrorOptions, mirrorClosure, planMirror } from './mirror.js';
export { type Binding, type BoundComponent, type Components, Namespace } from './namespace.js';
export { makeRootfs, planRootfs, type RootfsOptions } from './rootfs/source.js';
export { Bases, rebaseReference } from './source/bases.js';
export { lockedBases, sameBase, unbound } from './source/registry-binding.js';
export type { Transfer, TransferObserver } from './source/transfer-observer.js';
export { matches, type TargetFilter } from './target-filter.js';
export { type ContainerImage, readContainerImage } from './tooling/container-image.js';
export { contradiction, describeTooling, type PublishedTooling } from './tooling/published-tooling.js';
export { type PreparedTooling, pushTooling, toolingDocument } from './tooling/push.js';
export type { RootfsLayer } from './tooling/rootfs-layer.js';
export { findRulesLayer, publishedRules, readRulesLayer } from './tooling/rules-layer.js';
export { type OpenedTooling, openTooling } from './tooling/tooling-layer.js';
