/**
 * OCI content-addressed targets: registries, image layouts, and copying between them.
 *
 *   parseReference, joinReference     text <-> references
 *   openTarget(reference)             a `Target`: one repository on a registry or in a layout
 *   Network                           targets that share options, connections and tokens
 *   readBytes, pushBytes, copy        work on any target
 *   packManifest, packIndex           write manifests, with what is usual for artifacts
 *   parseManifest                     strict validation of manifests and indexes
 *   packArchive, packDirectory        deterministic layers; unpackArchive: hostile ones
 *   Store                             the user's cache: blobs fetched once, trees unpacked once
 *   HeldDirectory, HeldFile           a directory in which nothing leads elsewhere, whatever others do to it
 *   DockerConfig, checkLogin          logins, kept where all OCI tools look for them
 *   OciError                          every failure
 */
export { directoryDiffId, packDirectory } from './archive/directory-pack.js';
export { writeDockerArchive } from './archive/docker-archive.js';
export { packEntries, type StreamedEntry } from './archive/entry-pack.js';
export { type ArchiveEntry, type PackedArchive, packArchive } from './archive/pack.js';
export {
  type Unpacked,
  Unpacker,
  type UnpackLimits,
  type UnpackOptions,
  unpackArchive,
} from './archive/unpack.js';
export { type Rounds, writeUntilComplete } from './content/concurrent-writing.js';
export {
  contentToVerify,
  defaultReadLimit,
  describe,
  inlineData,
  pushBytes,
  readBytes,
  type UnverifiedSource,
} from './content/content.js';
export { type CopyOptions, copy, type MountingTarget, type StandIn } from './content/copy.js';
export {
  type ContentIdentity,
  type Descriptor,
  emptyType,
  type Index,
  imageConfigType,
  imageLayerGzipType,
  indexType,
  isForeign,
  type Manifest,
  manifestType,
} from './content/descriptor.js';
export { readDiffIds } from './content/diff-ids.js';
export {
  type Digest,
  digestOf,
  parseDigest,
  tryParseDigest,
  verified,
  verifyBytes,
} from './content/digest.js';
export {
  codeOf,
  OciError,
  type OciErrorCode,
  type OciErrorDetails,
  type OciRemedy,
} from './content/errors.js';
export {
  type ImageReference,
  parseImageReference,
  parseManifestReference,
} from './content/image-reference.js';
export { isIndex, isIndexType, isManifestType, parseManifest } from './content/manifest-validation.js';
export {
  type IndexParts,
  indexBytes,
  type ManifestParts,
  packIndex,
  packManifest,
} from './content/manifest-writing.js';
export { MemoryTarget } from './content/memory-target.js';
export { OnceMap } from './content/once-map.js';
export { Pool } from './content/pool.js';
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
} from './content/reference.js';
export { referrerDescriptor } from './content/referrer.js';
export { maximumManifestSize, parseStrictJson } from './content/strict-json.js';
export type { Content, Target, TransferOptions } from './content/target.js';
export { Turns } from './content/turns.js';
export { listTree, requireUtf8Names, type TreeEntry } from './disk/directory-tree.js';
export { emptyDirectory, removeBelow } from './disk/empty-directory.js';
export { FileLock } from './disk/file-lock.js';
export { fileWithin } from './disk/file-within.js';
export { HeldDirectory } from './disk/held-directory.js';
export { HeldFile, type HeldFileOptions } from './disk/held-file.js';
export { Layout } from './disk/layout.js';
export { makeDirectory } from './disk/make-directory.js';
export { makeTemporary } from './disk/make-temporary.js';
export { openToOthers } from './disk/open-to-others.js';
export { pruneLayout } from './disk/prune-layout.js';
export { removeTree } from './disk/remove-tree.js';
export { sizeOfTree } from './disk/tree-size.js';
export { HttpClient, type HttpClientOptions, type Tries } from './http/client.js';
export type { ConnectionOptions } from './http/connections.js';
export type { HttpRequest, RequestBody } from './http/exchange.js';
export type { HttpResponse } from './http/response.js';
export type { RetryPolicy } from './http/retry.js';
export type { Timeouts } from './http/timeouts.js';
export { type Credential, type CredentialSource, DockerConfig } from './registry/credentials.js';
export type { FetchedManifest } from './registry/manifests.js';
export { Network, type NetworkOptions } from './registry/network.js';
export { checkLogin, listRepositories, openTarget, type TargetOptions } from './registry/open-target.js';
export type { StoredBlob, StoredTree, Verification, VerifyOptions } from './store/maintenance.js';
export type { Evictable, Pruned, PruneOptions } from './store/pruning.js';
export { type ContentSource, defaultStoreDirectory, Store, type StoreOptions } from './store/store.js';
export { keptUnverified } from './store/store-directory.js';
