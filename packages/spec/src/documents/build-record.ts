import type { Settings } from './vocabulary.js';

/** A file and its sha256. */
export interface FileDigest {
  path: string;
  digest: string;
}

/** A component that is linked into an image. */
export interface RecordedComponent {
  name: string;
  version: string;
  layerHash: string;
  /** Of the layer. */
  digest: string;
  /** Of its manifest. */
  manifest: string;
}

/** Everything that went into an image and every command that made it. The same build gives the same record. */
export interface BuildRecord {
  schema: 'https://bunny-libos.github.io/schema/build-record/v1';
  name: string;
  arch: string;
  platform: string;
  settings: Settings;
  tooling: { version: string; layerHash: string; digest: string; rules: string; rootfs: readonly string[] };
  components: readonly RecordedComponent[];
  /**
   * The app's sources and headers by path from the Bunnyfile, sorted; then the files of the root file system as
   * `rootfs/<path in it>`, or `rootfs` for a prebuilt one.
   */
  inputs: readonly FileDigest[];
  /** Paths are those inside the sandbox. */
  steps: readonly {
    kind: 'compile' | 'generate' | 'link' | 'post-link';
    command: readonly string[];
    outputs: readonly string[];
  }[];
  /** What was made: file name, or name and tag of an OCI image -> digest. */
  outputs: Readonly<Record<string, string>>;
}
