import type { Dependencies, Options, Scalar, Settings } from './vocabulary.js';

/** A target that images are made for. */
export interface TargetName {
  arch: string;
  platform: string;
}

/** A target among those of a whole project. */
export interface NamedTarget extends TargetName {
  /** Where the project has several frameworks, that of this target. */
  framework?: string | undefined;
}

/** What of an app differs on one framework, or for one target: what is left out is as for all. */
export interface Differences {
  app?: Partial<App>;
  dependencies?: Dependencies;
  options?: Readonly<Record<string, Options>>;
  providers?: Readonly<Record<string, string>>;
  settings?: Settings;
  /** The app's sources stand beside `app`, not in it. */
  plainSources?: true;
}

/** What a Bunnyfile says of one of several frameworks. */
export interface FrameworkPart extends Differences {
  name: string;
  /** The way to where it is named first. */
  named: readonly (string | number)[];
  toolingVersion?: string;
  registries?: readonly RegistrySource[];
  /** Indices of its targets among the Bunnyfile's. */
  targets: readonly number[];
}

/** One of a Bunnyfile's `targets`. */
export interface AppTarget extends TargetName {
  differs?: Differences;
}

/** Where an app's sources are when it does not say: files there that no language takes are left alone. */
export const defaultAppSources: readonly string[] = ['*', 'src/**/*'];

/** A place that components come from. */
export interface RegistrySource {
  /** Base reference: `host[:port]/namespace`, `oci:DIR`. What a lock calls it. */
  ref: string;
  /** Base references that hold copies: asked first, in order, for what digests verify. */
  mirrors: readonly string[];
}

/** How the app is compiled. */
export interface App {
  /** A language of the tooling layer, or `auto`: told by the files. */
  language: string;
  /** Globs, relative to the Bunnyfile. */
  sources: readonly string[];
  include: readonly string[];
  defines: Readonly<Record<string, Scalar>>;
  flags: readonly string[];
}

/** How an image takes a root file system: one file that it boots with, a disk, or the files of the container image. */
export type RootfsType = 'initrd' | 'block' | 'raw';

/** A file or directory that goes into a root file system. */
export interface RootfsSource {
  /** The OCI image that it is in; with none, it is relative to the Bunnyfile. */
  image?: string;
  source: string;
  /** Absolute in the root, with a slash at its end for a directory. */
  destination: string;
}

/** A file system for the image: built from files, or taken as it is. */
export interface Rootfs {
  from: 'scratch' | 'local' | 'image';
  /** With `image`: its reference. */
  image?: string;
  /** The prebuilt file: with `local` relative to the Bunnyfile, with `image` in that one. */
  path?: string;
  type: RootfsType;
  include: readonly RootfsSource[];
}

/** A prebuilt kernel to package as it is. */
export interface Kernel {
  from: 'local' | 'image';
  /** With `image`: its reference. */
  image?: string;
  path: string;
}

/**
 * The Bunnyfile, with every default filled in. A superset of nubificus/bunny's format v0.1. Where its targets name
 * frameworks, `perFramework` gives what it says for each: only what these give is resolved and built.
 */
export interface Bunnyfile {
  version: 'v0.1';
  name: string;
  /** Of several, the one that is meant where none is asked for. */
  framework: string;
  /** Range of tooling versions: `platforms.version`. */
  toolingVersion: string;
  /** `platforms.monitor` and `platforms.architecture`: the target where none is asked for. */
  monitor?: string;
  architecture?: string;
  registries: readonly RegistrySource[];
  app?: App;
  dependencies: Dependencies;
  /** `dependencies: auto`: they are not known yet. A lock is only made once they are written out. */
  inferDependencies?: true;
  /** Options by component: what the root asks for. */
  options: Readonly<Record<string, Options>>;
  /** Explicit choice of a provider: capability -> component. */
  providers: Readonly<Record<string, string>>;
  settings: Settings;
  targets: readonly AppTarget[];
  /** The frameworks of the targets, in their order; missing where there is just that of `platforms`. */
  frameworks?: readonly FrameworkPart[];
  /** In what `perFramework` gives: there are others, so that what is made has the framework's name in its own. */
  isOneOfSeveral?: true;
  rootfs?: Rootfs;
  kernel?: Kernel;
  envs: readonly string[];
  cmd: readonly string[];
  entrypoint: readonly string[];
}
