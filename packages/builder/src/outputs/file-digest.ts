/** A file and its sha256. */
export interface FileDigest {
  path: string;
  digest: string;
}
