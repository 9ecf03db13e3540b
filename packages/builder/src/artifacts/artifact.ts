import type { ContainerImage } from 'bunny-libos-namespace';
import type { HeldFile, StreamedEntry } from 'bunny-libos-oci';
import type {
  ComponentConfig,
  FileDigest,
  LockedComponent,
  LockedTarget,
  ToolingRules,
} from 'bunny-libos-spec';
import type { SizeReport } from '../image/size-report.js';
import type { ImageFacts } from '../images/image-facts.js';
import type { ImageStore } from '../images/image-store.js';
import type { Outputs } from '../outputs/paths.js';
import type { StagedFiles } from '../outputs/staged-files.js';
import type { BuildPlan } from '../plan/build-plan.js';
import type { PackedRootfs } from '../rootfs/packed.js';

/** What a build has made, before it is given a form: all that artifacts and reports are written from. */
export interface Made {
  /** What the image is called and how it is started. */
  facts: ImageFacts;
  /** The bootable image, held open. */
  image: HeldFile;
  rootfs: PackedRootfs | undefined;
  /** Files beside it that the framework's steps have made, by name, held open. */
  outputs?: ReadonlyMap<string, HeldFile> | undefined;
  /** Undefined for a prebuilt kernel, of which nothing else is known. */
  linked: LinkedImage | undefined;
  /** What an OCI image has beside kernel and root file system, or in their place. */
  container?: ContainerParts | undefined;
  /** Where OCI images go: held by nobody else. Undefined where none is asked for. */
  images: ImageStore | undefined;
}

/** What an OCI image has that other artifacts have no use for. */
export interface ContainerParts {
  /** The image that it is based on. */
  base?: ContainerImage | undefined;
  /** Paths in the base, where these stay: they are in no layer of their own. */
  kernel?: string | undefined;
  rootfs?: string | undefined;
  /** Files of the image itself. */
  files: readonly StreamedEntry[];
}

/** How an image came about that was linked here. */
export interface LinkedImage {
  plan: BuildPlan;
  target: LockedTarget;
  /** The app's sources and headers, by path from the Bunnyfile, sorted. */
  inputs: readonly FileDigest[];
  sizes: SizeReport;
  /** sha256 of bunny.lock, where the caller knows it. */
  lock: string | undefined;
  /** The rules of the framework, as they are published: what boots the image is told in them. */
  rules: () => Promise<Uint8Array>;
  /** What was published of each component beside its objects, in the order of the target: a request each, at most once for a store. */
  configs: () => Promise<readonly { component: LockedComponent; config: ComponentConfig }[]>;
  /** Of the tooling layer, as its publisher has them. */
  toolingFacts: Pick<ToolingRules, 'license' | 'description'>;
}

/** A form in which somebody takes an image away. */
export interface ArtifactType {
  /** As `--type` names it. */
  type: string;
  /** Any image can be made one; else it is for targets that name it. */
  isForAll?: boolean | undefined;
  /** It is an OCI image: it goes to those of the project, and tells how it is started. */
  isContainer?: boolean | undefined;
  /** The files that it may write. What it does not write is removed, where an earlier build has left it. */
  outputs: Outputs;
  /**
   * Writes it. It gets its name with the other artifacts and the reports, when all are whole. What is returned is given
   * the reports, as text by what they are, to put them where somebody finds them who has the artifact alone.
   */
  write(files: StagedFiles, made: Made): Promise<((reports: Reports) => Promise<void>) | undefined>;
}

/** What is told of an image, by what it is: `record`, `sizes`. */
export type Reports = Readonly<Record<string, string>>;

/** What is told of an image beside it, once its artifacts are written. */
export interface Report {
  /** What it is called, and how the name of its file ends. */
  output: string;
  ending: string;
  /** The text; undefined where there is nothing to tell. `written`: names and digests of the artifacts. */
  of(made: Made, written: Readonly<Record<string, string>>): object | undefined | Promise<object | undefined>;
}
