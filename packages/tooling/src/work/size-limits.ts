/**
 * Bytes that a file may have which commands in the sandbox have made, and which this process reads. Told in
 * docs/security.md.
 */
export const sizeLimits = {
  image: 4 * 1024 ** 3,
  /** Prebuilt, or all files of one that is made: it may be the image of a disk. */
  rootfs: 64 * 1024 ** 3,
  /** Read into memory, as a text. */
  map: 64 * 1024 ** 2,
  object: 256 * 1024 ** 2,
  /** The description of a component's types, which is read into memory from a registry, too. */
  types: 64 * 1024 ** 2,
  /** What ninja knows of dependencies. */
  dependencies: 64 * 1024 ** 2,
  /** Different files in it: each is looked at. */
  filesRead: 200_000,
  /** What a preprocessor says of one source. */
  headers: 16 * 1024 ** 2,
} as const;
