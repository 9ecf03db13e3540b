import type { TokenServer } from '../token-server.js';

/** What distribution-spec 1.1 leaves to a registry, and habits of real ones (docs/registries.md). Unset: the friendliest. */
export interface SpecRegistryOptions {
  /** Answers 404 to the referrers API and sends no OCI-Subject. */
  noReferrers?: boolean;
  /** Answers 404 to the referrers API for a repository that is not there. */
  noUnknownReferrers?: boolean;
  /** Ignores the filter of the referrers API, which it may. */
  noReferrersFilter?: boolean;
  /** Entries on a page of tags or referrers. */
  pageSize?: number;
  /** Sends clients for blobs to another origin. */
  redirectBlobs?: boolean;
  /** 202 to a POST with content. */
  noSinglePost?: boolean;
  /** 405 to the PUT that brings all of a blob. */
  noWholePut?: boolean;
  /** Bytes; smaller chunks than this are refused, but for the last. */
  minimumChunk?: number;
  noMount?: boolean;
  noRange?: boolean;
  noTagDeletion?: boolean;
  /** Deletes nothing, and says so with this status. */
  noDeletion?: 400 | 405;
  /** Leaves Docker-Content-Digest away, which it should not. */
  noDigestHeader?: boolean;
  /** Does not find the parts of a manifest the first time, as distribution while another client pushes these again. */
  unknownAtFirst?: boolean;
  warning?: string;
  login?: { username: string; password: string };
  tokens?: TokenServer;

  /** Lists its repositories. */
  catalog?: boolean;
  /** Answers requests for the list of tags with this status. */
  tagsStatus?: number;
  /** Sends no `Link`, though a page is full. */
  noLink?: boolean;
  /** Does not know `n`. */
  ignoresCount?: boolean;
  /** Gives the first page whatever `last` says. */
  ignoresLast?: boolean;
  /** Gives the first page where nothing comes after `last`, as go-containerregistry does. */
  endsInFirst?: boolean;
  /** Lists in the order in which things came. */
  unsorted?: boolean;
  /** Writes the `Link` header to a page. */
  link?: (target: string) => string;
  /** 400 to an `n` over this. */
  countLimit?: number;
  /** Answers the referrers API with this status. */
  referrersStatus?: number;
  /** Media type of lists of referrers. */
  referrersType?: string;
  /** Answers HEAD with this status. */
  headStatus?: number;
  /** What HEAD says of a length. */
  headLength?: (length: number) => number;
  /** Answers a GET with `Range` with this status, or another part than the one asked for. */
  rangeAnswer?: 416 | 'another part';
  /** Answers a mount with this status. */
  mountStatus?: number;
  /** Answers a PATCH with this status. */
  patchStatus?: number;
  /** Bytes; longer chunks are answered with 416. */
  patchLimit?: number;
  /** Bytes; longer bodies are answered with 413. */
  bodyLimit?: number;
  /** `Range` of an upload stays at its first chunk. */
  stuckRange?: boolean;
  /** Answers with this status to the POST that brings a blob. */
  singlePostStatus?: number;
  /** Writes the `Location` of an upload from its path and query. */
  location?: (target: string, host: string) => string;
  /** 404 NAME_UNKNOWN to what would make a repository. */
  noNewRepositories?: boolean;
  /** 429 to everything, with this `Retry-After`. */
  retryAfter?: string;
}
