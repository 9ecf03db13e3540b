/**
 * OCI content-addressed targets: registries, image layouts, and copying between them.
 *
 *   parseReference, joinReference     text <-> references
 *   openTarget(reference)             a `Target`: one repository on a registry or in a layout
 *   readBytes, pushBytes, copy        work on any target
 *   parseManifest                     strict validation of manifests and indexes
 *   packArchive, packDirectory        deterministic layers; unpackArchive: hostile ones
 *   Store                             the user's cache: blobs fetched once, trees unpacked once
 *   HeldDirectory, HeldFile           a directory in which nothing leads elsewhere, whatever others do to it
 *   DockerConfig, checkLogin          logins, kept where all OCI tools look for them
 *   OciError                          every failure
 */
export {
  type ArchiveEntry,
  type PackedArchive,
  packArchive,
} from './archive-pack.js';
export {
  type Unpacked,
  Unpacker,
  type UnpackLimits,
  type UnpackOptions,
  unpackArchive,
} from './archive-unpack.js';
export { checkLogin } from './check-login.js';
export type { ConnectionOptions } from './connections.js';
export {
  contentToVerify,
  defaultReadLimit,
  describe,
  inlineData,
  pushBytes,
  readBytes,
  type UnverifiedSource,
} from './content.js';
export { type CopyOptions, copy, type MountingTarget, type StandIn } from './copy.js';
export { type Credential, type CredentialSource, DockerConfig } from './credentials.js';
export * from './descriptor.js';
export { type Digest, digestOf, parseDigest, tryParseDigest, verified, verifyBytes } from './digest.js';
export { directoryDiffId, packDirectory } from './directory-pack.js';
export { listTree, requireUtf8Names, type TreeEntry } from './directory-tree.js';
export { emptyDirectory, removeBelow } from './empty-directory.js';
export { OciError, type OciErrorCode, type OciErrorDetails } from './errors.js';
export { FileLock } from './file-lock.js';
export { fileWithin } from './file-within.js';
export { HeldDirectory } from './held-directory.js';
export { HeldFile, type HeldFileOptions } from './held-file.js';
export type { Timeouts } from './http-exchange.js';
export { Layout } from './layout.js';
export { makeDirectory } from './make-directory.js';
export { makeTemporary } from './make-temporary.js';
export {
  isIndex,
  isIndexType,
  isManifestType,
  parseManifest,
} from './manifest-validation.js';
export { openTarget, type TargetOptions } from './open-target.js';
export { openToOthers } from './open-to-others.js';
export { Pool } from './pool.js';
export {
  formatReference,
  isLoopback,
  isTag,
  joinReference,
  type LayoutReference,
  parseReference,
  type Reference,
  type RegistryReference,
  resolveReference,
} from './reference.js';
export { referrerDescriptor } from './referrer.js';
export type { FetchedManifest } from './registry-manifests.js';
export { removeTree } from './remove-tree.js';
export { listRepositories } from './repositories.js';
export type { RetryPolicy } from './retry.js';
export { type ContentSource, defaultStoreDirectory, Store, type StoreOptions } from './store.js';
export { keptUnverified } from './store-directory.js';
export type { StoredBlob, StoredTree, Verification, VerifyOptions } from './store-maintenance.js';
export type { Evictable, Pruned, PruneOptions } from './store-pruning.js';
export { maximumManifestSize, parseStrictJson } from './strict-json.js';
export * from './target.js';
export { sizeOfTree } from './tree-size.js';
