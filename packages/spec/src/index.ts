export { baseComponents } from './documents/base-components.js';
export type { BuildRecord, FileDigest } from './documents/build-record.js';
export {
  type App,
  type Bunnyfile,
  defaultAppSources,
  type NamedTarget,
  type RegistrySource,
  type Rootfs,
  type TargetName,
} from './documents/bunnyfile.js';
export { canonicalJson, layerHash, sha256, variantTag } from './documents/canonical.js';
export type { CatalogEntry, CatalogVariant, CatalogVersion, NameGroup } from './documents/catalog.js';
export type {
  BuiltWithComponent,
  Component,
  ComponentConfig,
  ComponentFiles,
  ComponentIdentity,
  FileRecord,
  HeaderDirectory,
  ObjectRecord,
  ScriptRecord,
  Upstream,
} from './documents/component.js';
export type { Lock, LockedBlob, LockedComponent, LockedTarget, LockedTooling } from './documents/lock.js';
export { annotations, mediaTypes } from './documents/media-types.js';
export { catalogRepository, toolingRepository } from './documents/repositories.js';
export {
  artifactTypes,
  type CapabilityDeclaration,
  type Generator,
  type Language,
  type Monitor,
  type PostLinkStep,
  type RootfsSource,
  type Template,
  type Tooling,
  type ToolingDocument,
  type ToolingIdentity,
  type ToolingRules,
  type ToolingTarget,
} from './documents/tooling.js';
export {
  type Condition,
  type Dependencies,
  holds,
  normaliseArchitecture,
  type Options,
  type Scalar,
  type Settings,
} from './documents/vocabulary.js';
export { errorCodes } from './errors/error-codes.js';
export { errorStatuses } from './errors/error-statuses.js';
export {
  BunnyError,
  type ErrorCode,
  type ExitStatus,
  exitStatus,
  formatPosition,
  type Position,
} from './errors/errors.js';
export { diskFull, systemError } from './errors/system-error.js';
export { type Document, errorIn, largestSource, refuseLarge } from './reading/document.js';
export { isComponentName, isRange, isRelativePath, isVersion } from './reading/formats.js';
export { perFramework, perTarget, targetView } from './reading/per-framework.js';
export { formatPath, type Path } from './reading/problem.js';
export { readBuildRecord } from './reading/read-build-record.js';
export { appName, readBunnyfile } from './reading/read-bunnyfile.js';
export { readCatalogEntry } from './reading/read-catalog.js';
export { readComponent } from './reading/read-component.js';
export { readComponentConfig } from './reading/read-component-config.js';
export { readComponentIdentity } from './reading/read-component-identity.js';
export { largestLock, readLocks } from './reading/read-lock.js';
export { readPolicy } from './reading/read-policy.js';
export { readTooling } from './reading/read-tooling.js';
export { readToolingDocument } from './reading/read-tooling-document.js';
export { bunnyfileSettingProblems, componentSettingProblems } from './reading/setting-problems.js';
export { writeLocks } from './reading/write-lock.js';
export { nearest, suggestion } from './words/nearest.js';
export { own } from './words/own.js';
export { present } from './words/present.js';
export { shellLine } from './words/shell-line.js';
export { formatBytes, parseSize } from './words/size.js';
export { byCodeUnit, byText } from './words/text-order.js';
