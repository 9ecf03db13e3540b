import type { Content, Descriptor } from 'bunny-libos-oci';

/** One layer of a root filesystem, ready to be pushed. */
export interface RootfsLayer {
  descriptor: Descriptor;
  /** Digest of the uncompressed archive. */
  diffId: string;
  content: Content;
}
